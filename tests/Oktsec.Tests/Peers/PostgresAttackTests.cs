using System.Text.Json.Nodes;

namespace Oktsec.Tests.Peers;

/// <summary>A real attempt on a real database through a real server: <c>DROP TABLE users</c>.</summary>
public sealed class PostgresAttackTests
{
    // server-postgres wraps every query in a read-only transaction; ending that transaction first is all it takes.
    private const string Attack = "COMMIT; DROP TABLE users";

    private static readonly string[] s_attacks =
    [
        Attack,
        "DROP TABLE users",
        "COMMIT; drop/**/table users; --",
        "commit;\u00a0DROP\tTABLE\n\"users\" CASCADE",
        "COMMIT; DROP -- now\n TABLE users",
    ];

    [Fact]
    public async Task DropTable_SentDirectly_DestroysTheTable()
    {
        await using var database = await PostgresServer.StartAsync();
        await using var client = await ClientRole.ConnectAsync(ClientRole.Csharp, PeerServers.Postgres(database.Url), PeerServers.PostgresPlan());

        await QueryAsync(client, Attack);

        Assert.Null(await database.CountUsersAsync());
    }

    [Fact]
    public async Task DropTable_ThroughTheGateway_IsBlockedAndTheTableSurvives()
    {
        await using var database = await PostgresServer.StartAsync();
        await using var gateway = await GatewayProcess.StartAsync([("postgres", PeerServers.Postgres(database.Url))]);
        await using var client = await ClientRole.ConnectAsync(ClientRole.Csharp, gateway.As("data-analyst"), PeerServers.PostgresPlan());

        var read = await QueryAsync(client, "SELECT name FROM users WHERE id = 1");
        Assert.Contains("Ada", (string?)read["content"]![0]!["text"]);
        foreach (var attack in s_attacks)
        {
            var dropped = await QueryAsync(client, attack);
            Assert.True((bool?)dropped["isError"], attack + ": " + dropped.ToJsonString());
            Assert.StartsWith("blocked by oktsec: ", (string?)dropped["content"]![0]!["text"], StringComparison.Ordinal);
            Assert.Equal("content_blocked", (string?)dropped["_meta"]!["oktsec/decision"]!["decision"]);
            Assert.DoesNotContain(attack, database.Log); // every statement that reached the database is there
        }

        Assert.Equal(3, await database.CountUsersAsync());
        Assert.Contains("SELECT name FROM users WHERE id = 1", database.Log);
        var rows = (await gateway.LogsAsync("--agent", "data-analyst", "--status", "blocked")).Split('\n');
        Assert.Equal(s_attacks.Length, rows.Count(row => row.Contains("gateway/query", StringComparison.Ordinal) && row.Contains("content_blocked", StringComparison.Ordinal)));
    }

    private static async Task<JsonNode> QueryAsync(IPeerClient client, string sql)
    {
        var answer = await client.AskAsync("tools/call", new JsonObject { ["name"] = "query", ["arguments"] = new JsonObject { ["sql"] = sql } });
        return answer.Result ?? answer.Error!;
    }
}
