using System.Text;
using Oktsec.Core.Audit;

namespace Oktsec.Storage.Sqlite;

/// <summary>Reads entries joined with their outcomes.</summary>
internal static class AuditQueries
{
    private const string Columns = """
        e.seq, coalesce(o.seq, e.seq), e.id, e.time_us, e.door, e.agent, e.identified_by, e.session, e.backend, e.method, e.target,
        e.direction, e.decision, e.status, e.findings, e.arguments_hash, e.pipeline_us, e.held_id, e.detail, e.awaits_outcome,
        o.seq, o.time_us, o.decision, o.status, o.findings, o.pipeline_us, o.backend_us, o.held_id, o.detail
        """;

    private const int FirstOutcomeColumn = 20;

    private static readonly string s_join = $"entries e LEFT JOIN outcomes o ON o.seq = CASE WHEN e.awaits_outcome THEN {OutcomePlace.Of("e.seq")} END";

    // The word a person sees; see AuditRow.Status.
    private const string ShownStatus = "coalesce(o.status, CASE WHEN e.awaits_outcome THEN 'delivered' ELSE e.status END)";

    public static IReadOnlyList<AuditRow> Run(Database database, AuditQuery query)
    {
        var statement = database.Statement(Sql(query));
        Bind(statement, query);
        var rows = new List<AuditRow>();
        try
        {
            while (statement.Step())
                rows.Add(ReadRow(statement));
        }
        finally
        {
            statement.Reset();
        }
        return rows;
    }

    /// <summary>The end of the log: where following starts.</summary>
    public static long LastSequence(Database database) =>
        database.Scalar("SELECT max(coalesce((SELECT max(seq) FROM entries), 0), coalesce((SELECT max(seq) FROM outcomes), 0))");

    private static string Sql(AuditQuery query)
    {
        if (query.AfterSequence is null)
            return $"SELECT {Columns} FROM {s_join} WHERE TRUE{Filters(query)} ORDER BY e.seq DESC LIMIT ?1";
        // Two ranges of primary keys: calls whose outcome came, and records that await none.
        return $"""
            SELECT * FROM (SELECT {Columns} FROM outcomes o JOIN entries e ON e.seq = o.entry_seq WHERE o.seq > ?2{Filters(query)} ORDER BY o.seq LIMIT ?1)
            UNION ALL
            SELECT * FROM (SELECT {Columns} FROM {s_join}
              WHERE e.seq > ?2 AND NOT e.awaits_outcome{Filters(query)} ORDER BY e.seq LIMIT ?1)
            ORDER BY 2 LIMIT ?1
            """;
    }

    private static string Filters(AuditQuery query)
    {
        var sql = new StringBuilder();
        if (query.AfterSequence is null && query.BeforeSequence is not null)
            sql.Append(" AND e.seq < ?2");
        if (query.Agent is not null)
            sql.Append(" AND e.agent = ?3");
        if (query.Status is not null)
            sql.Append($" AND {ShownStatus} = ?4");
        if (query.Tool is not null)
            sql.Append(" AND CASE e.target WHEN '' THEN e.method ELSE e.target END GLOB ?5");
        if (query.Since is not null)
            sql.Append(" AND e.time_us >= ?6 AND e.seq >= (SELECT min(first_seq) FROM hours WHERE hour >= ?7)");
        return sql.ToString();
    }

    private static void Bind(Statement statement, AuditQuery query)
    {
        statement.Bind(1, query.Limit);
        if ((query.AfterSequence ?? query.BeforeSequence) is { } sequence)
            statement.Bind(2, sequence);
        if (query.Agent is not null)
            statement.Bind(3, query.Agent);
        if (query.Status is not null)
            statement.Bind(4, query.Status);
        if (query.Tool is not null)
            statement.Bind(5, query.Tool.Replace("[", "[[]").Replace("?", "[?]"));
        if (query.Since is { } since)
        {
            statement.Bind(6, Microseconds.Of(since));
            statement.Bind(7, Microseconds.HourOf(Microseconds.Of(since)));
        }
    }

    private static AuditRow ReadRow(Statement row)
    {
        var entry = new AuditEntry
        {
            Sequence = row.Int64(0),
            Id = row.Text(2),
            Time = Microseconds.ToTime(row.Int64(3)),
            Door = row.Text(4),
            Agent = row.Text(5),
            IdentifiedBy = row.Text(6),
            Session = row.Text(7),
            Backend = row.Text(8),
            Method = row.Text(9),
            Target = row.Text(10),
            Direction = row.Text(11),
            Decision = row.Text(12),
            Status = AuditWords.ToStatus(row.Bytes(13)),
            Findings = FindingsJson.Read(row.Bytes(14)),
            ArgumentsHash = row.Text(15),
            PipelineMicroseconds = row.Int64(16),
            HeldId = row.Text(17),
            Detail = row.Text(18),
            AwaitsOutcome = row.Int64(19) != 0,
        };
        return new AuditRow(row.Int64(0), row.Int64(1), entry, row.IsNull(FirstOutcomeColumn) ? null : ReadOutcome(row, entry));
    }

    private static AuditOutcome ReadOutcome(Statement row, AuditEntry entry) => new()
    {
        Id = entry.Id,
        EntrySequence = entry.Sequence,
        Time = Microseconds.ToTime(row.Int64(21)),
        Decision = row.Text(22),
        Status = AuditWords.ToStatus(row.Bytes(23)),
        Findings = FindingsJson.Read(row.Bytes(24)),
        PipelineMicroseconds = row.Int64(25),
        BackendMicroseconds = row.Int64(26),
        HeldId = row.Text(27),
        Detail = row.Text(28),
    };
}
