using Oktsec.Core.Identity;

namespace Oktsec.Storage.Sqlite;

/// <summary>Tokens, and how often they changed: triggers count, so that no writer can forget to.</summary>
internal static class TokenTable
{
    public static bool Add(Database database, AgentToken token)
    {
        var insert = database.Statement("INSERT OR IGNORE INTO tokens(id, agent, hash, created_us, expires_us, revoked_us) VALUES(?1, ?2, ?3, ?4, ?5, ?6)");
        insert.Bind(1, token.Id);
        insert.Bind(2, token.Agent);
        insert.Bind(3, token.Hash.ToString());
        insert.Bind(4, Microseconds.Of(token.Created));
        Bind(insert, 5, token.Expires);
        Bind(insert, 6, token.Revoked);
        return Run(database, insert);
    }

    public static bool Revoke(Database database, string id, DateTimeOffset now)
    {
        var update = database.Statement("UPDATE tokens SET revoked_us = ?2 WHERE id = ?1 AND revoked_us IS NULL");
        update.Bind(1, id);
        update.Bind(2, Microseconds.Of(now));
        return Run(database, update);
    }

    public static bool Forget(Database database, string id)
    {
        var delete = database.Statement("DELETE FROM tokens WHERE id = ?1");
        delete.Bind(1, id);
        return Run(database, delete);
    }

    public static long Changes(Database database) => database.Scalar("SELECT count FROM token_changes");

    public static IReadOnlyList<AgentToken> Read(Database database)
    {
        var select = database.Statement("SELECT id, agent, hash, created_us, expires_us, revoked_us FROM tokens ORDER BY agent, created_us");
        var tokens = new List<AgentToken>();
        try
        {
            while (select.Step())
            {
                // A hash that is none matches nothing; the token still shows in the list.
                tokens.Add(new AgentToken(
                    select.Text(0), select.Text(1), TokenHash.Parse(select.Text(2)) ?? TokenHash.None, Microseconds.ToTime(select.Int64(3)), Time(select, 4), Time(select, 5)));
            }
        }
        finally
        {
            select.Reset();
        }
        return tokens;
    }

    private static DateTimeOffset? Time(Statement row, int column) => row.IsNull(column) ? null : Microseconds.ToTime(row.Int64(column));

    private static void Bind(Statement statement, int index, DateTimeOffset? time)
    {
        if (time is { } given)
            statement.Bind(index, Microseconds.Of(given));
        else
            statement.BindNull(index);
    }

    private static bool Run(Database database, Statement statement)
    {
        statement.Run();
        return database.Scalar("SELECT changes()") > 0;
    }
}
