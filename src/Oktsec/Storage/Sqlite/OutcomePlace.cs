namespace Oktsec.Storage.Sqlite;

/// <summary>Where the outcome of an entry is, without an index on every outcome.</summary>
/// <remarks>
/// Nearly every outcome follows its entry within as many records as there are calls under way; those are found by reading on from
/// the entry. One that comes later than <see cref="Near"/> records is in the partial index <c>late_outcomes</c> of the schema.
/// </remarks>
internal static class OutcomePlace
{
    /// <summary>As in the schema. Several times the records of 32 calls under way; reading on so far takes some 20 µs.</summary>
    private const int Near = 256;

    /// <summary>The <c>seq</c> of the outcome of the entry at <paramref name="entry"/>, an SQL expression; null without one.</summary>
    public static string Of(string entry) => $"""
        coalesce((SELECT near.seq FROM outcomes near WHERE near.seq > {entry} AND near.seq <= {entry} + {Near} AND near.entry_seq = {entry}),
          (SELECT late.seq FROM outcomes late WHERE late.entry_seq = {entry} AND late.seq > late.entry_seq + {Near}))
        """;
}
