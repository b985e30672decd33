using System.Text.Json.Nodes;
using Oktsec.Core.Audit;
using Oktsec.Tests.Gateway;
using Oktsec.Tests.Gateway.Stateless;
using Oktsec.Tests.Peers;
using Oktsec.Tests.Support;
using static Oktsec.Tests.Gateway.Surfaces.Scripted;

namespace Oktsec.Tests.Conformance;

/// <summary>
/// Backends made with official packages, of every revision, in one gateway at once; before them the official client in every revision agents speak
/// (<c>tests/conformance/walk/pairs.mjs</c>). Each pair calls, lists, reads, asks, reports, cancels and subscribes, and each is attacked in both directions.
/// </summary>
public sealed class PairMatrixTests
{
    private static readonly string[] s_revisions = ["2025-03-26", "2025-06-18", "2025-11-25", "2026-07-28"];

    // The first keeps the URI that all of the walks' backends have; the others are reached under their names.
    private static readonly (string Name, string Entry)[] s_walkers =
    [
        ("mhttp", "transport: http, url: MODERN"), // 2026-07-28 and nothing else
        ("mstdio", $"command: {ConformanceSuite.Node}, args: [\"{Script("backend.mjs")}\", stdio], protocol: \"2026-07-28\""),
        ("shttp", "transport: http, url: SESSIONS, protocol: \"2025-06-18\""),
        ("sstdio", $"command: {ConformanceSuite.Node}, args: [\"{Script("backend.mjs")}\", stdio], protocol: \"2025-11-25\""),
        ("old", $"command: {ConformanceSuite.Node}, args: [\"{Script("backend.mjs")}\", stdio], protocol: \"2024-11-05\""),
    ];

    private static readonly Dictionary<string, (string Got, string Heard)> s_expected = new()
    {
        ["tool"] = ("This is a simple text response for testing.", "{}"),
        ["tool error"] = ("error: This tool intentionally returns an error for testing", "{}"),
        ["resource"] = ("This is the content of the static text resource.", "{}"),
        ["prompt"] = ("This is a simple prompt for testing.", "{}"),
        ["progress"] = ("done", """{"notifications/progress":3}"""),
        ["sampling"] = ("LLM response: heard: Say something.", """{"sampling/createMessage":1}"""),
        ["elicitation"] = ("""User response: {"action":"accept","content":{"response":"Ada"}}""", """{"elicitation/create":1}"""),
        ["roots"] = ("""{"roots":[{"uri":"file:///srv/project","name":"project","_meta":{"example.org/r":1}}]}""", """{"roots/list":1}"""),
        ["clean and attack"] = ("""["1","error: blocked by ","2"]""", "{}"),
        ["evil result"] = ("error: blocked by oktsec: ", "{}"),
        ["evil question"] = ("refused", "{}"),
        ["completion"] = ("paris,park", "{}"),
        ["rounds"] = ("Ada likes Ada", """{"elicitation/create":2}"""),
        ["cancellation"] = ("""["cancelled","it was cancelled"]""", """{"notifications/progress":1}"""),
        ["log"] = ("logged", """{"notifications/message":5}"""),
        ["updated"] = ("touched", """{"notifications/resources/updated":1}"""),
    };

    private static readonly Dictionary<string, string> s_ofTheSdk = new()
    {
        ["resource"] = "The text of a resource.",
        ["prompt"] = "A prompt of the SDK.",
        ["elicitation"] = "User response: Ada",
        ["roots"] = "file:///srv/project",
    };

    [Fact]
    public async Task EveryPair_OfOfficialPackages_WorksAndIsGuardedInOneGateway()
    {
        await using var modern = await ListenAsync("http-modern");
        await using var sessions = await ListenAsync("http");
        await using var everything = await PeerServers.EverythingAsync("sse");
        await using var gateway = await TestGateway.StartAsync(
            "mcp_servers:\n" + string.Concat(s_walkers.Select(b => $"  {b.Name}: {{ {b.Entry} }}\n"))
                .Replace("MODERN", Url(modern), StringComparison.Ordinal).Replace("SESSIONS", Url(sessions), StringComparison.Ordinal)
            + $"  csharp: {{ command: dotnet, args: [\"{SdkServer}\"], protocol: \"2026-07-28\" }}\n  sse: {{ transport: sse, url: \"{everything.Target.Url}\" }}\n");

        foreach (var revision in s_revisions)
        {
            var got = await RunAsync(gateway, revision);
            Assert.Equal(revision, (string?)got["revision"]);
            Assert.Equal("Echo: hello", (string?)got["others"]![0]);
            Assert.Equal(s_walkers.Length + 1, got["cells"]!.AsObject().Count);
            foreach (var (backend, cell) in got["cells"]!.AsObject())
            {
                Assert.Equal(backend == "csharp" ? 11 : s_expected.Count, cell!.AsObject().Count);
                foreach (var (row, value) in cell.AsObject())
                {
                    var expected = backend == "csharp" && s_ofTheSdk.TryGetValue(row, out var own) ? own : s_expected[row].Got;
                    Assert.Equal((revision, backend, row, expected, s_expected[row].Heard), (revision, backend, row, Text(value!["got"]!), value["heard"]!.ToJsonString()));
                }
            }
            // One record for each attack of each pair; that the calls did not arrive is what the counts say.
            var pairs = s_walkers.Length + 1;
            var records = gateway.Records().Where(r => r.Entry.Agent == revision).ToArray();
            Assert.Equal(pairs, records.Count(r => r.Entry.Target.EndsWith("_walk_count", StringComparison.Ordinal) && IsDenied(r.Entry)));
            Assert.Equal(pairs, records.Count(r => r.Entry.Target.EndsWith("_walk_evil", StringComparison.Ordinal) && r.Outcome!.Status is AuditStatus.Blocked or AuditStatus.Quarantined));
            Assert.Equal(pairs, records.Count(r => r.Entry is { Method: "elicitation/create", Direction: "server" } && IsDenied(r.Entry)));
        }
    }

    /// <summary>Both forms of tasks in one gateway: those of 2025-11-25 with the official server and client that have them, the extension of 2026-07-28 over both transports.</summary>
    [Fact]
    public async Task Tasks_OfBothForms_PassInOneGatewayAndTheirResultsAreScanned()
    {
        const string capable = """{"extensions":{"io.modelcontextprotocol/tasks":{}}}""";
        await using var modern = await HttpServer.StartAsync("--modern", "--script", TaskScript.File(out var script));
        using var scripts = script;
        await using var gateway = await TestGateway.StartAsync(
            $"mcp_servers:\n  official: {{ command: {ConformanceSuite.Node}, args: [\"{Script("tasks-backend.mjs")}\", stdio] }}\n" + modern.Backend("mhttp")
            + TestGateway.Backend("mstdio", "--modern", "--script", scripts["s.json"]));

        var walk = JsonNode.Parse(await WalkScript.RunAsync("v1.mjs", new JsonObject
        {
            ["url"] = gateway.Url.ToString(),
            ["headers"] = new JsonObject { ["X-Oktsec-Agent"] = "2025-11-25" },
            ["revision"] = "2025-11-25",
            ["tasks"] = true,
            ["evil"] = Evil,
        }))!;
        string Step(string name) => walk["steps"]!.AsArray().Single(s => (string?)s!["step"] == name)!["got"]!.ToJsonString();
        Assert.Contains("done in a task", Step("a task"));
        Assert.Contains("done in a task", Step("tasks/result"));
        Assert.Contains("blocked by oktsec", Step("a poisoned task"));
        Assert.DoesNotContain(Mark, Step("a poisoned task"));
        Assert.Contains(gateway.Records("tasks/result"), r => r.Entry.Target == "walk_task_evil" && r.Outcome!.Status is AuditStatus.Blocked or AuditStatus.Quarantined);

        using var agent = new StatelessAgent(gateway, "2026-07-28", capable);
        foreach (var backend in new[] { "mhttp", "mstdio" })
        {
            var id = (string)(await agent.CallAsync($"{backend}_job")).Result!["taskId"]!;
            var got = await agent.RequestAsync("tasks/get", $"\"taskId\":{Quote(id)}");
            Assert.Contains("blocked by oktsec", got.Body); // what the script answers is poisoned
            Assert.DoesNotContain(Mark, got.Body);
            using var stream = await OpenStream.OfAsync(agent.PostAsync(agent.Body("subscriptions/listen", $"\"notifications\":{{\"taskIds\":[{Quote(id)}]}}"), CancellationToken.None));
            await stream.NextAsync();
            await agent.CallAsync($"{backend}_tell_evil");
            await agent.CallAsync($"{backend}_tell");
            Assert.Equal(id, (string?)(await stream.NextAsync())["params"]!["taskId"]);
            Assert.Contains(gateway.Records("tasks/get"), r => r.Entry.Backend == backend && r.Outcome!.Status is AuditStatus.Blocked or AuditStatus.Quarantined);
            Assert.Equal([false, true], gateway.Said("notifications/tasks").Where(e => e.Backend == backend).Select(IsDenied));
        }
    }

    private static class TaskScript
    {
        public static string File(out TempFolder folder)
        {
            folder = new TempFolder();
            string Telling(string name, string text) =>
                $$$"""{"name":"{{{name}}}","inputSchema":{"type":"object"},"x-announce":{"method":"notifications/tasks","params":{"taskId":"t-1","status":"working","ttlMs":null,"statusMessage":{{{Quote(text)}}} } } }""";
            System.IO.File.WriteAllText(folder["s.json"], $$$"""
                {"tools":[{"name":"job","inputSchema":{"type":"object"},"x-result":{"resultType":"task","taskId":"t-1","status":"working","ttlMs":null} },{{{Telling("tell", "half done")}}},{{{Telling("tell_evil", Evil)}}}],
                 "answers":{"tasks/get":{"resultType":"complete","taskId":"t-1","status":"completed","ttlMs":null,"result":{"content":[{"type":"text","text":{{{Quote(Evil)}}} }]} } } }
                """);
            return folder["s.json"];
        }
    }

    private static string Text(JsonNode node) => node is JsonValue ? (string)node! : node.ToJsonString();

    private static string SdkServer { get; } = TestGateway.ServerDll.Replace("Oktsec.TestServer", "Oktsec.SdkServer", StringComparison.Ordinal);

    private static string Script(string name) => WalkScript.Path(name);

    private static string Url(ListeningProcess server) => $"\"http://127.0.0.1:{server.Port}/mcp\"";

    private static Task<ListeningProcess> ListenAsync(string how) => WalkScript.ListenAsync("backend.mjs", how);

    private static async Task<JsonNode> RunAsync(TestGateway gateway, string revision)
    {
        var text = await WalkScript.RunAsync("pairs.mjs", new JsonObject
        {
            ["url"] = gateway.Url.ToString(),
            ["headers"] = new JsonObject { ["X-Oktsec-Agent"] = revision },
            ["revision"] = revision,
            ["evil"] = Evil,
            ["others"] = new JsonArray(new JsonObject { ["name"] = "echo", ["arguments"] = new JsonObject { ["message"] = "hello" } }),
            ["backends"] = new JsonArray([
                .. s_walkers.Select((b, i) => (JsonNode)new JsonObject { ["name"] = b.Name, ["uri"] = i == 0 ? "test://static-text" : $"oktsec://{b.Name}/test%3A%2F%2Fstatic-text", ["more"] = true }),
                new JsonObject { ["name"] = "csharp", ["uri"] = "sdk://text", ["prompt"] = "sdk_prompt" },
            ]),
        });
        return JsonNode.Parse(text)!;
    }
}
