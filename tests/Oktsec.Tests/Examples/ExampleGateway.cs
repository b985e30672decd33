using System.Diagnostics;
using System.Text.Json;
using Oktsec.Tests.Gateway;
using Oktsec.Tests.Peers;
using Oktsec.Tests.Webhooks;

namespace Oktsec.Tests.Examples;

/// <summary>Files of examples/ as a running gateway needs them: the same keys, with servers and services of this machine in place of those they name.</summary>
internal static class ExampleGateway
{
    private const string Npx = "command: npx\n    args: [\"-y\", \"@modelcontextprotocol/";

    public static string Read(string name) => File.ReadAllText(Path.Join(PeerPaths.Root, "examples", name));

    /// <summary>server-filesystem from npm, started by node, before a copy of what it is told: npx would ask the network.</summary>
    public static string WithFiles(this string yaml, string folder) => yaml.Swap(
        $"{Npx}server-filesystem\", \"{folder}\"]",
        Tapped("filesystem", PeerPaths.Script("@modelcontextprotocol/server-filesystem", "dist/index.js"), "'__FOLDER__/data'"));

    public static string WithPostgres(this string yaml, string url) => yaml.Swap(
        $"{Npx}server-postgres\", \"postgresql://postgres@localhost:5432/postgres\"]",
        Tapped("postgres", PeerPaths.Script("@modelcontextprotocol/server-postgres", "dist/index.js"), $"'{url}'"));

    /// <summary>Replaces what must be there: an example that changed would otherwise be tested with half of it.</summary>
    public static string Swap(this string yaml, string what, string by)
    {
        Assert.Contains(what, yaml);
        return yaml.Replace(what, by, StringComparison.Ordinal);
    }

    /// <summary>A chat service's stand-in: its host is not here, so its form and its address are said.</summary>
    public static string Webhook(string name, WebhookReceiver receiver) =>
        $"\nwebhooks:\n  - {{ name: {name}, url: \"{receiver.Url}{name}\", events: [blocked, quarantined], format: slack, allow_private: true }}\n";

    /// <summary>A server over HTTP that offers these tools and nothing else.</summary>
    public static async Task<ListeningProcess> HttpServerAsync(TemporaryFolder folder, params string[] tools)
    {
        var script = Path.Join(folder.Path, "http.json");
        await File.WriteAllTextAsync(script, Script(tools));
        return await ListeningProcess.StartAsync(
            port => new ProcessStartInfo("dotnet", [TestGateway.ServerDll, "--http", "--port", $"{port}", "--script", script, "--received", Path.Join(folder.Path, "http.received")]),
            ready: "listening");
    }

    public static string Script(params string[] tools) =>
        $$"""{"onlyScript":true,"tools":[{{string.Join(',', tools.Select(t => t.StartsWith('{') ? t : Tool(t)))}}]}""";

    public static string Tool(string name, string? description = null) => $$$"""
        {"name":"{{{name}}}","description":{{{JsonSerializer.Serialize(description ?? $"The tool {name}.")}}},"inputSchema":{"type":"object"},
         "x-result":{"content":[{"type":"text","text":"{{{name}}} done"}]}}
        """;

    // Everything that reaches the server goes through tee first: what was received can be read.
    private static string Tapped(string name, string script, string argument) =>
        $"command: sh\n    args: [\"-c\", \"tee -a '__FOLDER__/{name}.received' | exec node '{script}' {argument}\"]";
}
