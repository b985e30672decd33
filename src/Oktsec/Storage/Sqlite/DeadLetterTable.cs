namespace Oktsec.Storage.Sqlite;

/// <summary>The newest dead letters.</summary>
internal static class DeadLetterTable
{
    // A webhook that is dead for weeks must not fill the disk that the record needs: 10,000 letters are some 20 MB.
    private const int MaxKept = 10_000;

    public static void Add(Database database, DeadLetter letter)
    {
        var insert = database.Statement("""
            INSERT INTO dead_letters(time_us, webhook, event, audit_id, body, attempts, error) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)
            """);
        insert.Bind(1, Microseconds.Of(letter.Time));
        insert.Bind(2, letter.Webhook);
        insert.Bind(3, letter.Event);
        insert.Bind(4, letter.AuditId);
        insert.BindBlob(5, letter.Body);
        insert.Bind(6, letter.Attempts);
        insert.Bind(7, letter.Error);
        insert.Run();
        database.Statement($"DELETE FROM dead_letters WHERE seq <= (SELECT max(seq) FROM dead_letters) - {MaxKept}").Run();
    }

    public static bool Remove(Database database, long sequence)
    {
        var delete = database.Statement("DELETE FROM dead_letters WHERE seq = ?1");
        delete.Bind(1, sequence);
        delete.Run();
        return database.Scalar("SELECT changes()") > 0;
    }

    public static void Update(Database database, long sequence, int attempts, string error)
    {
        var update = database.Statement("UPDATE dead_letters SET attempts = ?2, error = ?3 WHERE seq = ?1");
        update.Bind(1, sequence);
        update.Bind(2, attempts);
        update.Bind(3, error);
        update.Run();
    }

    public static IReadOnlyList<DeadLetter> Read(Database database, int limit)
    {
        var select = database.Statement("""
            SELECT seq, time_us, webhook, event, audit_id, body, attempts, error FROM dead_letters ORDER BY seq DESC LIMIT ?1
            """);
        select.Bind(1, limit);
        var letters = new List<DeadLetter>();
        while (select.Step())
        {
            letters.Add(new DeadLetter(
                select.Int64(0), Microseconds.ToTime(select.Int64(1)), select.Text(2), select.Text(3), select.Text(4), select.Bytes(5).ToArray(),
                (int)select.Int64(6), select.Text(7)));
        }
        return letters;
    }
}
