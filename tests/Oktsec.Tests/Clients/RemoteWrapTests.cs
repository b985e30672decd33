using Oktsec.Clients.Documents;
using Oktsec.Clients.Servers;
using Oktsec.Commands;

namespace Oktsec.Tests.Clients;

/// <summary>Remote entries become local ones that start the bridge; no key stands on a command line, and unwrap gives back what was.</summary>
public sealed class RemoteWrapTests
{
    private const string Secret = "Bearer a-long-secret-value";

    public static readonly (string File, string Text)[] Entries =
    [
        (".claude.json", """{ "mcpServers": { "r": { "type": "http", "url": "https://x.example/mcp", "headers": { "Authorization": "Bearer a-long-secret-value", "X-Team": "a" }, "timeout": 5 } } }"""),
        (".claude.json", """{"mcpServers":{"r":{"type":"sse","url":"https://x.example/sse","headers":{"Authorization":"Bearer a-long-secret-value"}}}}"""),
        (".cursor/mcp.json", "{\n  \"mcpServers\": {\n    \"r\": {\n      \"url\": \"https://x.example/mcp\", // where\n      // who\n      \"headers\": {\n        \"Authorization\": \"Bearer a-long-secret-value\"\n      }\n    }\n  }\n}\n"),
        (".cursor/mcp.json", """{"mcpServers": {"r": {"url": "https://x.example/mcp?key=a-long-secret-value"}}}"""),
        (".cursor/mcp.json", """{"mcpServers": {"r": {"url": "http://localhost:3000/s/a-long-secret-value-1/mcp"}}}"""),
        (".config/Code/User/mcp.json", """{"servers": {"r": {"type": "http", "url": "https://x.example/mcp", "headers": {"Authorization": "Bearer a-long-secret-value"}}}}"""),
        (".codeium/windsurf/mcp_config.json", """{"mcpServers": {"r": {"serverUrl": "https://x.example/mcp", "headers": {"Authorization": "Bearer a-long-secret-value"}}}}"""),
        (".gemini/settings.json", """{"mcpServers": {"r": {"url": "https://x.example/mcp", "type": "http", "headers": {"Authorization": "Bearer a-long-secret-value"}}}}"""),
        (".gemini/settings.json", """{"mcpServers": {"r": {"httpUrl": "https://x.example/mcp", "headers": {"Authorization": "Bearer a-long-secret-value"}, "trust": true}}}"""),
        (".codex/config.toml", "[mcp_servers.r]\nurl = \"https://x.example/mcp\" # where\nhttp_headers = { Authorization = \"Bearer a-long-secret-value\" }\n\n[tui]\na = 1\n"),
        (".codex/config.toml", "[mcp_servers.r]\nurl = \"https://x.example/mcp\"\n\n[mcp_servers.r.http_headers]\nAuthorization = \"Bearer a-long-secret-value\"\n"),
        (".config/opencode/opencode.json", """{"mcp": {"r": {"type": "remote", "url": "https://x.example/mcp", "headers": {"Authorization": "Bearer a-long-secret-value"}, "enabled": true}}}"""),
        (".copilot/mcp-config.json", """{"mcpServers": {"r": {"tools": ["*"], "type": "http", "url": "https://x.example/mcp", "headers": {"Authorization": "Bearer a-long-secret-value"}}}}"""),
        (".continue/config.yaml", "mcpServers:\n  - name: r\n    type: streamable-http\n    url: https://x.example/mcp # where\n    headers:\n      Authorization: Bearer a-long-secret-value\n"),
        (".config/goose/config.yaml", "extensions:\n  r:\n    enabled: true\n    type: streamable_http\n    uri: https://x.example/mcp\n    headers:\n      Authorization: Bearer a-long-secret-value\n    envs: {}\n"),
        (".mcporter/mcporter.json", """{"mcpServers": {"r": {"baseUrl": "https://x.example/mcp", "headers": {"Authorization": "Bearer a-long-secret-value"}, "env": {"A": "b"}}}}"""),
    ];

    public static TheoryData<int> Indexes => [.. Enumerable.Range(0, Entries.Length)];

    [Theory]
    [MemberData(nameof(Indexes))]
    public void Wrap_StartsTheBridge_AndUnwrapGivesTheBytesBack(int index)
    {
        using var machine = new TestMachine();
        var path = machine.Write(Entries[index].File, Entries[index].Text);
        machine.Wrap(enforce: true);
        var server = Server(machine);
        var proxy = server.Proxy!;
        Assert.True(proxy is { IsRemote: true, Enforce: true, InspectResponses: true, Agent: "r" });
        Assert.DoesNotContain(server.Argv, a => a.Contains("a-long-secret-value", StringComparison.Ordinal) || a.Contains("${", StringComparison.Ordinal));
        var env = (MapNode)server.Entry[server.Shape.Env]!;
        if (proxy.UrlVariable is { } variable)
            Assert.Contains("a-long-secret-value", env.TextOf(variable), StringComparison.Ordinal);
        else
            Assert.Equal(Secret, env.TextOf(proxy.HeaderVariables.First(h => h.Name == "Authorization").Variable));
        Assert.Null(server.Shape.UrlKeyOf(server.Entry));
        Assert.Null(server.Entry[server.Shape.Headers]);
        Assert.DoesNotContain(EntryShape(server), t => t is "http" or "sse" or "remote" or "streamable-http" or "streamable_http");
        Assert.Empty(machine.Wrap(enforce: true).Changes);
        machine.Wrap();
        Assert.Equal(Protection.Observe, Server(machine).Protection);
        machine.Unwrap();
        Assert.Equal(Entries[index].Text, File.ReadAllText(path));
    }

    [Theory]
    [MemberData(nameof(Indexes))]
    public void Unwrap_BackupGone_TheEntryItselfIsEnough(int index)
    {
        using var machine = new TestMachine();
        var path = machine.Write(Entries[index].File, Entries[index].Text);
        machine.Wrap();
        Directory.Delete(machine["home/.oktsec"], recursive: true);
        machine.Unwrap();
        var format = DocumentFormat.Of(path);
        // An empty map of variables is none now; the rest is what it was.
        Assert.Equal(
            Document.Parse(format, Entries[index].Text).Root.Canonical().Replace("\"envs\":{},", "", StringComparison.Ordinal),
            Document.Parse(format, File.ReadAllText(path)).Root.Canonical());
    }

    // Written by a person, as docs/proxy.md shows it.
    [Fact]
    public void BridgeOfAPerson_KeepsItsHeaders()
    {
        using var machine = new TestMachine();
        machine.Write(".lmstudio/mcp.json", """{"mcpServers": {"r": {"command": "/opt/oktsec/oktsec", "args": ["proxy", "--agent", "r", "--url", "https://x.example/mcp", "--header", "A: ${B}"]} } }""");
        machine.Wrap(enforce: true);
        Assert.True(Server(machine).Proxy is { Enforce: true, Url: "https://x.example/mcp", Headers: [("A", "${B}")] });
        Assert.Empty(machine.Wrap(enforce: true).Changes);
    }

    [Theory]
    [InlineData("""{"url": "https://x.example/mcp", "oauth": {"clientId": "c"}}""", "oauth")]
    [InlineData("""{"url": "https://x.example/mcp", "headers": {}}""", "--remote")]
    [InlineData("""{"url": "https://u:p@x.example/mcp"}""", "credentials")]
    [InlineData("""{"url": "https://x.example/mcp", "command": "npx"}""", "a command and an address")]
    [InlineData("""{"url": "https://x.example/mcp", "headers": {"A": 1}}""", "something else than texts")]
    public void ServerThatWouldStopWorking_IsLeftAlone_AndThatIsSaid(string entry, string reason)
    {
        using var machine = new TestMachine();
        machine.Write(".lmstudio/mcp.json", $$$"""{"mcpServers": {"r": {{{entry}}} } }""");
        var plan = machine.Wrap();
        Assert.Empty(plan.Changes);
        Assert.Contains(reason, Assert.Single(plan.Notes).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"url": "http://127.0.0.1:3000/mcp"}""")]
    [InlineData("""{"url": "http://localhost:3000/mcp", "oauth": false}""")]
    public void ServerOnThisMachine_NeedsNoHeader(string entry)
    {
        using var machine = new TestMachine();
        machine.Write(".lmstudio/mcp.json", $$$"""{"mcpServers": {"r": {{{entry}}} } }""");
        Assert.Single(machine.Wrap().Changes);
        Assert.StartsWith("http://", Server(machine).Proxy!.Url, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Authorization=OKTSEC_HEADER_AUTHORIZATION", "Authorization: ${OKTSEC_HEADER_AUTHORIZATION}")]
    [InlineData("nothing", "nothing")]
    public void HeaderInAVariable_IsAHeaderThatIsFilledIn(string argument, string header) => Assert.Equal(header, RemoteArguments.HeaderIn(argument));

    private static ClientServer Server(TestMachine machine) => machine.Find().Single().Files.SelectMany(f => f.Servers).Single();

    private static IEnumerable<string?> EntryShape(ClientServer server) => Oktsec.Clients.EntryShape.TypeKeys.Select(server.Entry.TextOf);
}
