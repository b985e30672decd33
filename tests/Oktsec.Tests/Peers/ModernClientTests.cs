using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Oktsec.Tests.Peers;

/// <summary>Clients of 2026-07-28 that other people wrote, before servers that know only sessions: they get what a client of sessions gets directly.</summary>
public sealed class ModernClientTests
{
    private static readonly JsonObject s_pinned = new() { ["pin"] = "2026-07-28" };

    [Fact]
    public async Task CsharpClient_OpeningWithTheNewestRevision_StaysWithItAndWorks()
    {
        var server = await PeerServers.EverythingAsync("stdio");
        await using var gateway = await GatewayProcess.StartAsync([("everything", server.Target)]);

        await using var client = await CsharpClient.ConnectAsync(gateway.As("peer"), new Uri("file:///srv/project"), protocolVersion: null);
        var echo = await client.AskAsync("tools/call", new JsonObject { ["name"] = "echo", ["arguments"] = new JsonObject { ["message"] = "hello" } });

        Assert.Equal("2026-07-28", client.Negotiated);
        Assert.Equal("Echo: hello", (string?)echo.Result!["content"]![0]!["text"]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task TypeScriptClient_ThroughTheGateway_GetsWhatALegacyClientGetsDirectly(bool pinned)
    {
        var server = await PeerServers.EverythingAsync("stdio");
        JsonArray calls =
        [
            Call("echo", new JsonObject { ["message"] = "hello" }),
            Call("get-sum", new JsonObject { ["a"] = 2, ["b"] = 3 }),
            Call("get-structured-content", new JsonObject { ["location"] = "New York" }),
            Call("get-tiny-image", []),
            Call("trigger-long-running-operation", new JsonObject { ["duration"] = 0.2, ["steps"] = 3 }),
            Call("echo", []),
            Call("trigger-sampling-request", new JsonObject { ["prompt"] = "capital?", ["maxTokens"] = 10 }),
            Call("trigger-elicitation-request", []),
        ];
        var capabilities = new JsonObject { ["sampling"] = new JsonObject(), ["elicitation"] = new JsonObject { ["form"] = new JsonObject() } };
        var direct = await RunAsync(new JsonObject
        {
            ["command"] = server.Target.Command,
            ["args"] = new JsonArray([.. server.Target.Args.Select(a => JsonValue.Create(a))]),
            ["mode"] = "legacy",
        }, capabilities, calls);
        await using var gateway = await GatewayProcess.StartAsync([("everything", server.Target)]);
        var door = gateway.As("peer");
        var through = await RunAsync(new JsonObject
        {
            ["url"] = door.Url!.ToString(),
            ["headers"] = new JsonObject(door.Headers.Select(h => KeyValuePair.Create(h.Key, (JsonNode?)h.Value))),
            ["mode"] = pinned ? s_pinned.DeepClone() : "auto",
        }, capabilities, calls);

        Assert.Equal("2026-07-28", (string?)through["version"]);
        Assert.Equal((string?)direct["server"]!["name"], (string?)through["server"]!["name"]);
        AssertSame(direct, through);
        Assert.Contains("Reykjavík", through["calls"]![6]!.ToJsonString(Relaxed));
    }

    [Fact]
    public async Task TypeScriptClient_OnFilesAndMemory_GetsWhatALegacyClientGetsDirectly()
    {
        using var folder = new TemporaryFolder();
        var files = Path.Combine(folder.Path, "files");
        Directory.CreateDirectory(files);
        await File.WriteAllTextAsync(Path.Combine(files, "a.txt"), "one\ntwo\n");
        var memory = Path.Combine(folder.Path, "memory.jsonl");
        foreach (var (target, calls) in new (PeerTarget, JsonArray)[]
        {
            (PeerServers.Filesystem(files),
                [Call("read_text_file", new JsonObject { ["path"] = Path.Combine(files, "a.txt") }), Call("list_directory", new JsonObject { ["path"] = files }), Call("read_text_file", new JsonObject { ["path"] = "/etc/hostname" })]),
            (PeerServers.Memory(memory), [Call("read_graph", []), Call("search_nodes", new JsonObject { ["query"] = "x" })]),
        })
        {
            var environment = new JsonObject(target.Env.Select(e => KeyValuePair.Create(e.Key, (JsonNode?)e.Value)));
            var direct = await RunAsync(new JsonObject { ["command"] = target.Command, ["args"] = new JsonArray([.. target.Args.Select(a => JsonValue.Create(a))]), ["env"] = environment, ["mode"] = "legacy" }, [], (JsonArray)calls.DeepClone());
            await using var gateway = await GatewayProcess.StartAsync([("one", target)]);
            var door = gateway.As("peer");
            var through = await RunAsync(new JsonObject { ["url"] = door.Url!.ToString(), ["headers"] = new JsonObject(door.Headers.Select(h => KeyValuePair.Create(h.Key, (JsonNode?)h.Value))), ["mode"] = s_pinned.DeepClone() }, [], calls);
            Assert.Equal("2026-07-28", (string?)through["version"]);
            AssertSame(direct, through);
        }
    }

    // The client orders members otherwise in the later revision; values are what counts.
    private static void AssertSame(JsonNode direct, JsonNode through)
    {
        foreach (var part in new[] { "offered", "calls" })
            Assert.True(JsonNode.DeepEquals(direct[part], through[part]), $"{direct[part]!.ToJsonString(Relaxed)}\n{through[part]!.ToJsonString(Relaxed)}");
    }

    private static System.Text.Json.JsonSerializerOptions Relaxed { get; } = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static JsonObject Call(string name, JsonObject arguments) => new() { ["name"] = name, ["arguments"] = arguments };

    private static async Task<JsonNode> RunAsync(JsonObject target, JsonObject capabilities, JsonArray calls)
    {
        target["capabilities"] = capabilities.DeepClone();
        target["calls"] = calls.DeepClone();
        var answers = ClientRole.Answers(new Uri("file:///srv/project"));
        target["answers"] = new JsonObject();
        foreach (var method in new[] { "sampling/createMessage", "elicitation/create" })
        {
            if (capabilities.ContainsKey(method.Split('/')[0]))
                target["answers"]![method] = answers[method]!.DeepClone();
        }
        using var process = Process.Start(new ProcessStartInfo("node", [Path.Combine(PeerPaths.Folder, "modern.mjs")]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.StandardInput.WriteAsync(target.ToJsonString());
        process.StandardInput.Close();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(120)); // ten times what it takes on a busy machine
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
        }
        var text = await output;
        Assert.True(text.Length > 0, await errors);
        return JsonNode.Parse(text)!;
    }
}
