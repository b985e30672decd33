using System.Buffers;
using Oktsec.Core.Quarantine;

namespace Oktsec.Storage.Sqlite;

/// <summary>Held items with their sealed content.</summary>
internal static class HeldTable
{
    private const string Columns = "id, time_us, expires_us, audit_id, agent, backend, target, what, arguments_hash, findings";

    // A person reads this list; the rest is older.
    private const int MaxListed = 1000;

    // What an item takes beside its content and findings: ids, names, the index; so that many small ones fill the quarantine too. As in Schema.
    private const int RowBytes = 512;

    /// <summary>False when there is no room, even without what has expired.</summary>
    public static bool TryInsert(Database database, HeldItem item, ReadOnlySpan<byte> sealedContent, long maxBytes, DateTimeOffset now)
    {
        var findings = new ArrayBufferWriter<byte>();
        using (var json = FindingsJson.CreateWriter(findings))
            FindingsJson.Write(json, item.Findings);
        var size = sealedContent.Length + findings.WrittenCount + RowBytes;
        if (Total(database) + size > maxBytes)
        {
            var expired = database.Statement("DELETE FROM held WHERE expires_us <= ?1");
            expired.Bind(1, Microseconds.Of(now));
            expired.Run();
            if (Total(database) + size > maxBytes)
                return false;
        }
        Insert(database, item, sealedContent, findings);
        return true;
    }

    private static long Total(Database database)
    {
        var select = database.Statement("SELECT bytes FROM held_size");
        try
        {
            return select.Step() ? select.Int64(0) : 0;
        }
        finally
        {
            select.Reset();
        }
    }

    private static void Insert(Database database, HeldItem item, ReadOnlySpan<byte> sealedContent, ArrayBufferWriter<byte> findings)
    {
        var insert = database.Statement($"INSERT INTO held({Columns}, sealed) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)");
        insert.Bind(1, item.Id);
        insert.Bind(2, Microseconds.Of(item.Time));
        insert.Bind(3, Microseconds.Of(item.Expires));
        insert.Bind(4, item.AuditId);
        insert.Bind(5, item.Agent);
        insert.Bind(6, item.Backend);
        insert.Bind(7, item.Target);
        insert.Bind(8, item.What);
        insert.Bind(9, item.ArgumentsHash);
        insert.BindUtf8(10, findings.WrittenSpan);
        insert.BindBlob(11, sealedContent);
        insert.Run();
    }

    /// <summary>Newest first.</summary>
    public static IReadOnlyList<HeldItem> List(Database database, DateTimeOffset now, bool includeExpired)
    {
        var select = database.Statement($"SELECT {Columns} FROM held WHERE expires_us > ?1 ORDER BY time_us DESC LIMIT {MaxListed}");
        select.Bind(1, includeExpired ? long.MinValue : Microseconds.Of(now));
        var items = new List<HeldItem>();
        try
        {
            while (select.Step())
                items.Add(Read(select, now));
        }
        finally
        {
            select.Reset();
        }
        return items;
    }

    /// <summary>Null when no item, or more than one, begins so.</summary>
    public static (HeldItem Item, byte[] Sealed)? Find(Database database, string prefix, DateTimeOffset now)
    {
        var select = database.Statement($"SELECT {Columns}, sealed FROM held WHERE substr(id, 1, length(?1)) = ?1 LIMIT 2");
        select.Bind(1, prefix);
        try
        {
            if (!select.Step())
                return null;
            var found = (Read(select, now), select.Bytes(10).ToArray());
            return select.Step() ? null : found;
        }
        finally
        {
            select.Reset();
        }
    }

    private static HeldItem Read(Statement row, DateTimeOffset now)
    {
        var expires = Microseconds.ToTime(row.Int64(2));
        return new HeldItem
        {
            Id = row.Text(0),
            Time = Microseconds.ToTime(row.Int64(1)),
            Expires = expires,
            AuditId = row.Text(3),
            Agent = row.Text(4),
            Backend = row.Text(5),
            Target = row.Text(6),
            What = row.Text(7),
            State = expires > now ? "pending" : "expired",
            ArgumentsHash = row.Text(8),
            Findings = FindingsJson.Read(row.Bytes(9)),
        };
    }
}
