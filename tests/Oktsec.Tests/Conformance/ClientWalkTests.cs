using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Oktsec.Tests.Peers;

namespace Oktsec.Tests.Conformance;

/// <summary>
/// Beyond the suite: the official TypeScript clients of both generations call every method they have, in each revision they speak, directly and through
/// the gateway, and get the same values (<c>tests/conformance/walk</c>).
/// </summary>
public sealed partial class ClientWalkTests
{
    private static readonly string[] s_sessions = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"];
    private static readonly string[] s_transports = ["http", "stdio"];

    // A name that nobody has gets the gateway's own words, whoever stands behind it: the same as one that policy hides.
    private static readonly string[] s_nobody = ["tools/call no_such_tool", "prompts/get of nothing"];

    public static TheoryData<string, string, string> Walks { get; } = Rows();

    [Theory]
    [MemberData(nameof(Walks))]
    public async Task Client_ThroughTheGateway_GetsTheSameValues(string client, string revision, string transport)
    {
        var (direct, through) = await WalkAsync(client, revision, transport, "backend.mjs", tasks: false);

        AssertWalked(direct, revision, atLeast: 60);
        foreach (var walk in new[] { direct, through })
        {
            foreach (var step in s_nobody)
                Step(walk, step)["error"]!.AsObject().Remove("message");
            // Which revisions are spoken is the gateway's to say.
            foreach (var discovered in new[] { walk["connected"]!["discovered"] }.Concat(Steps(walk).Where(s => (string?)s["step"] == "server/discover").Select(s => s["got"])))
                (discovered as JsonObject)?.Remove("supportedVersions");
        }
        AssertSame(direct, through);
    }

    [Theory]
    [InlineData("http")]
    [InlineData("stdio")]
    public async Task ClientWithTasks_ThroughTheGateway_GetsTheSameValues(string transport)
    {
        var (direct, through) = await WalkAsync("v1", "2025-11-25", transport, "tasks-backend.mjs", tasks: true);

        AssertWalked(direct, "2025-11-25", atLeast: 16);
        AssertSame(direct, through);
    }

    private static TheoryData<string, string, string> Rows()
    {
        var rows = new TheoryData<string, string, string>();
        foreach (var transport in s_transports)
        {
            foreach (var revision in s_sessions)
                rows.Add("v1", revision, transport);
            foreach (var revision in (string[])[.. s_sessions, "2026-07-28"])
                rows.Add("v2", revision, transport);
        }
        return rows;
    }

    private static async Task<(JsonNode Direct, JsonNode Through)> WalkAsync(string client, string revision, string transport, string backend, bool tasks)
    {
        var script = WalkScript.Path(backend);
        JsonNode direct;
        await using (var server = transport == "http" ? await ListenAsync(backend) : null)
            direct = await RunAsync(client, revision, server is null ? PeerTarget.Stdio(ConformanceSuite.Node, script, "stdio") : Address(server), tasks, waits: false);
        // Another of its kind: what the first walk left behind is not there.
        await using var second = transport == "http" ? await ListenAsync(backend) : null;
        await using var gateway = await GatewayProcess.StartAsync([("backend", second is null ? PeerTarget.Stdio(ConformanceSuite.Node, script, "stdio") : Address(second))]);
        return (direct, await RunAsync(client, revision, gateway.As("walker"), tasks, waits: revision == "2026-07-28"));
    }

    private static PeerTarget Address(ListeningProcess server) => PeerTarget.Http(new Uri($"http://127.0.0.1:{server.Port}/mcp"));

    private static Task<ListeningProcess> ListenAsync(string backend) => WalkScript.ListenAsync(backend, "http");

    private static async Task<JsonNode> RunAsync(string client, string revision, PeerTarget target, bool tasks, bool waits)
    {
        var text = await WalkScript.RunAsync(client + ".mjs", new JsonObject
        {
            ["url"] = target.Url?.ToString(),
            ["headers"] = new JsonObject(target.Headers.Select(h => KeyValuePair.Create(h.Key, (JsonNode?)h.Value))),
            ["command"] = target.Command,
            ["args"] = new JsonArray([.. target.Args.Select(a => JsonValue.Create(a))]),
            ["revision"] = revision,
            ["tasks"] = tasks,
            ["waits"] = waits, // for the backend
        });
        return JsonNode.Parse(Numbered(text))!;
    }

    // Ids and times of tasks are made up by the server: the first id it names is the first in both.
    private static string Numbered(string text)
    {
        var ids = new List<string>();
        return TaskId().Replace(Time().Replace(text, "time"), match =>
        {
            if (!ids.Contains(match.Value))
                ids.Add(match.Value);
            return $"task-{ids.IndexOf(match.Value)}";
        });
    }

    private static void AssertWalked(JsonNode walk, string revision, int atLeast)
    {
        Assert.Equal(revision, (string?)walk["revision"]);
        var steps = Steps(walk).ToArray();
        Assert.True(steps.Length >= atLeast, $"a walk of {steps.Length} steps");
        // Those that ask for what is not there fail, and those only.
        Assert.InRange(steps.Count(s => (s["got"] as JsonObject)?["error"] is not null), 1, 8);
    }

    private static void AssertSame(JsonNode direct, JsonNode through)
    {
        foreach (var part in new[] { "revision", "connected" })
            Assert.True(JsonNode.DeepEquals(direct[part], through[part]), $"{part} differs from direct\n{Show(through[part])}\n{Show(direct[part])}");
        Assert.Equal(Steps(direct).Select(s => (string?)s["step"]), Steps(through).Select(s => (string?)s["step"]));
        foreach (var (mine, theirs) in Steps(direct).Zip(Steps(through)))
            Assert.True(JsonNode.DeepEquals(mine, theirs), $"directly:\n{Show(mine)}\nthrough the gateway:\n{Show(theirs)}");
    }

    private static IEnumerable<JsonNode> Steps(JsonNode walk) => walk["steps"]!.AsArray().Select(s => s!);

    private static JsonNode Step(JsonNode walk, string name) => Steps(walk).Single(s => (string?)s["step"] == name)["got"]!;

    private static string Show(JsonNode? node) => node?.ToJsonString(Relaxed) ?? "nothing";

    private static JsonSerializerOptions Relaxed { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [GeneratedRegex("[0-9a-f]{32}", RegexOptions.NonBacktracking)]
    private static partial Regex TaskId();

    [GeneratedRegex(@"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", RegexOptions.NonBacktracking)]
    private static partial Regex Time();
}
