using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Oktsec.Tests.Peers;

/// <summary>The reference servers, and how each is walked.</summary>
internal static class PeerServers
{
    /// <summary>Marks the progress of the call that gets cancelled.</summary>
    public const int CancelledSteps = 37;

    private const string EverythingScript = "dist/index.js";

    public static PeerTarget Filesystem(string folder) => Node("@modelcontextprotocol/server-filesystem", "dist/index.js", folder);

    public static PeerTarget Memory(string file) =>
        Node("@modelcontextprotocol/server-memory", "dist/index.js") with { Env = new Dictionary<string, string> { ["MEMORY_FILE_PATH"] = file } };

    public static PeerTarget SequentialThinking() => Node("@modelcontextprotocol/server-sequential-thinking", "dist/index.js");

    public static PeerTarget Postgres(string databaseUrl) => Node("@modelcontextprotocol/server-postgres", "dist/index.js", databaseUrl);

    /// <summary>server-everything over <c>stdio</c>, <c>http</c> or <c>sse</c>; the last two in a process that ends with the object.</summary>
    /// <param name="at">Over HTTP, the port of one that has ended.</param>
    public static async Task<PeerServer> EverythingAsync(string transport, int? at = null)
    {
        const string package = "@modelcontextprotocol/server-everything";
        if (transport == "stdio")
            return new PeerServer(Node(package, EverythingScript), null);
        var (mode, path) = transport == "sse" ? ("sse", "/sse") : ("streamableHttp", "/mcp");
        var process = await ListeningProcess.StartAsync(
            port => new ProcessStartInfo("node", [PeerPaths.Script(package, EverythingScript), mode]) { Environment = { ["PORT"] = $"{port}" } },
            ready: "on port", at);
        return new PeerServer(new PeerTarget(transport) { Url = new Uri($"http://localhost:{process.Port}{path}") }, process);
    }

    public static WalkPlan EverythingPlan(string name = "everything") => new(name)
    {
        Hints = new Dictionary<string, JsonNode>
        {
            ["duration"] = JsonNode.Parse("0.2")!,
            ["steps"] = 4,
            ["data"] = "data:text/plain,hello%20world",
            ["url"] = "https://example.com/consent?id=1",
            ["resourceId"] = new JsonArray(1, 2),
            ["name"] = "hello.gz",
            ["department"] = "Engineering",
            ["resourceType"] = new JsonArray("Text", "Blob"),
        },
        NotCalled = new Dictionary<string, string>
        {
            ["get-env"] = "prints the environment of the server, which a gateway cuts down on purpose",
        },
        Before = EverythingWalk.BeforeAsync,
        Extra = EverythingWalk.ExtraAsync,
    };

    public static WalkPlan FilesystemPlan(string folder, string name = "filesystem")
    {
        var file = Path.Combine(folder, "notes.txt");
        return new WalkPlan(name)
        {
            Hints = new Dictionary<string, JsonNode>
            {
                ["path"] = new JsonArray(file, folder, Path.Combine(folder, "new", "made.txt"), Path.Combine(folder, "absent"), "/outside/the/folder"),
                ["paths"] = new JsonArray(file, Path.Combine(folder, "pixel.png"), Path.Combine(folder, "absent")),
                ["source"] = Path.Combine(folder, "move-me.txt"),
                ["destination"] = Path.Combine(folder, "moved.txt"),
                ["oldText"] = "second line",
                ["newText"] = "2nd line",
                ["pattern"] = "*.txt",
                ["excludePatterns"] = new JsonArray("*.png"),
            },
            // The server lets the client's roots replace the folder of its command line.
            Root = new Uri(folder),
            Reset = () => FillFolder(folder),
            Before = walk => walk.ExpectAsync("roots/list", m => (string?)m["method"] == "roots/list"),
        };
    }

    public static WalkPlan MemoryPlan(string file, string name = "memory") => new(name) { Reset = () => File.Delete(file) };

    public static WalkPlan SequentialThinkingPlan(string name = "thinking") => new(name);

    public static WalkPlan PostgresPlan(string name = "postgres") => new(name)
    {
        Revision = "2024-11-05", // the only one it speaks
        Hints = new Dictionary<string, JsonNode>
        {
            ["sql"] = new JsonArray(
                "SELECT id, name, email FROM users ORDER BY id",
                "SELECT count(*) AS n, max(id) FROM users WHERE name LIKE 'A%'",
                "SELECT * FROM no_such_table",
                "SELEC 1"),
        },
    };

    private static PeerTarget Node(string package, string script, params string[] args) =>
        PeerTarget.Stdio("node", [PeerPaths.Script(package, script), .. args]);

    private static void FillFolder(string folder)
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
        Directory.CreateDirectory(Path.Combine(folder, "sub", "deeper"));
        File.WriteAllText(Path.Combine(folder, "notes.txt"), "first line\nsecond line\nthird line: Grüße, 世界 🚀\n");
        File.WriteAllText(Path.Combine(folder, "move-me.txt"), "to be moved\n");
        File.WriteAllText(Path.Combine(folder, "sub", "deeper", "leaf.txt"), new string('x', 5000));
        // The smallest PNG: one transparent pixel.
        File.WriteAllBytes(Path.Combine(folder, "pixel.png"), Convert.FromBase64String(
            "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="));
    }
}

/// <summary>A server and, when it does not start with its client, its process.</summary>
internal sealed record PeerServer(PeerTarget Target, ListeningProcess? Process) : IAsyncDisposable
{
    public ValueTask DisposeAsync() => Process?.DisposeAsync() ?? ValueTask.CompletedTask;
}
