using System.CommandLine;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Oktsec.Commands;
using Oktsec.Storage.Sqlite;

namespace Oktsec.Tests.Configuration;

public sealed class VerifyCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Verify_GoodFile_SummarisesItAndExitsZero()
    {
        var path = _folder.Write("oktsec.yaml", $$"""
            db_path: {{_folder.Path}}/o.db
            mcp_servers:
              files: {command: sh, args: ["-c", "cat"]}
            agents:
              reader:
                allowed_tools: [read_file, "list_*"]
                denied_tools: [list_secrets]
                blocked_content: [credential_leak]
              off: {suspended: true}
            rate_limit: {per_agent: 100}
            rules:
              - {id: IAP-007, action: block, notify: [alerts]}
            webhooks:
              - {name: alerts, url: "https://hooks.example/T/B/verysecret", events: [blocked], format: slack}
            """);

        var (exit, output) = await RunAsync("--config", path);

        Assert.Equal(0, exit);
        Assert.DoesNotContain("verysecret", output);
        Assert.DoesNotContain("\e[", output);
        var expected = $"""
            {path}:2:1: warning: mcp_servers: the tools of files are not known yet, so the lists of agents are not compared with them
                start the gateway once, then verify again
            {path}:4:1: warning: agents: reader, off: only said (X-Oktsec-Agent), not proven; any program on this machine can claim the name
                oktsec tokens create reader

            gateway
              http://127.0.0.1:9090/mcp
              100 requests in 60 s per agent

            servers
              files  stdio  sh cat (2 arguments)

            agents
              reader  read_file, list_*; not list_secrets  blocks credentials
              off     all tools                            SUSPENDED
              (other names are denied)

            rules
              (N built in)
              IAP-007  block    tells alerts

            webhooks
              alerts  slack  https://hooks.example/...  blocked

            records
              {_folder.Path}/o.db

            0 errors, 2 warnings: this file can be used

            """;
        Assert.Equal(expected, System.Text.RegularExpressions.Regex.Replace(output, @"\(\d+ built in\)", "(N built in)"));
    }

    [Fact]
    public async Task Verify_Errors_ShowsThemAllAndExitsTwo()
    {
        var path = _folder.Write("oktsec.yaml", "gatway: {}\nmcp_servers: {a: {}}\n");

        var (exit, output) = await RunAsync("--config", path);

        Assert.Equal(2, exit);
        Assert.Equal($"""
            {path}:1:1: error: gatway: unknown key
                did you mean gateway?
            {path}:2:15: error: mcp_servers.a: command is missing
                write command: npx, or url: https://... for a remote server

            2 errors, 0 warnings: this file cannot be used

            """, output);
    }

    [Fact]
    public async Task Verify_Json_HasTheSameProblemsAndSummary()
    {
        var path = _folder.Write("oktsec.yaml", $"db_path: {_folder.Path}/o.db\nmcp_servers: {{a: {{command: no-such-program-here}}}}\nagents: {{bob: {{allowed_tools: [x]}}}}");

        var (exit, output) = await RunAsync("--config", path, "--json");

        Assert.Equal(0, exit);
        using var json = JsonDocument.Parse(output);
        Assert.True(json.RootElement.GetProperty("usable").GetBoolean());
        Assert.Contains(json.RootElement.GetProperty("problems").EnumerateArray(), p =>
            p.GetProperty("path").GetString() == "mcp_servers.a" && p.GetProperty("line").GetInt32() == 2
            && p.GetProperty("message").GetString() == "no-such-program-here is not a program on this machine");
        Assert.Equal("x", json.RootElement.GetProperty("agents")[0].GetProperty("allowed_tools")[0].GetString());
    }

    [Fact]
    public async Task Verify_ServerThatDoesNotListen_IsAWarning()
    {
        // A port that was free a moment ago and is not listened on: bound, never listening.
        using var bound = new System.Net.Sockets.Socket(System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
        bound.Bind(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0));
        var port = ((System.Net.IPEndPoint)bound.LocalEndPoint!).Port;
        var path = _folder.Write("oktsec.yaml", $"db_path: {_folder.Path}/o.db\nmcp_servers:\n  a: {{url: 'http://127.0.0.1:{port}/mcp'}}");

        var (exit, output) = await RunAsync("--config", path);

        Assert.Equal(0, exit);
        Assert.Contains($"127.0.0.1:{port} cannot be reached", output);
    }

    [Fact]
    public async Task Verify_SecretsFilledIn_AreNeverShown()
    {
        _folder.Write("token", "filled-in-secret\n");
        var path = _folder.Write("oktsec.yaml", $$$"""
            db_path: {{{_folder.Path}}}/o.db
            mcp_servers:
              a: {command: sh, args: ["${file:token}", "${file:token}"], env: {T: "${file:token}"}}
              b: {url: "http://user:${file:token}@127.0.0.1:1/?k=${file:token}", headers: {Authorization: "Bearer ${file:token}"}}
            gateway: {port: "${file:token}"}
            """);

        foreach (var arguments in new[] { new[] { "--config", path }, ["--config", path, "--json"] })
        {
            var (exit, output) = await RunAsync(arguments);
            Assert.Equal(2, exit);
            Assert.DoesNotContain("filled-in-secret", output);
        }
        File.WriteAllText(path, File.ReadAllText(path).Replace("gateway:", "#"));
        foreach (var arguments in new[] { new[] { "--config", path }, ["--config", path, "--json"] })
            Assert.DoesNotContain("filled-in-secret", (await RunAsync(arguments)).Output);
    }

    [Fact]
    public async Task Verify_StoreOthersMayWrite_IsAnError()
    {
        var store = _folder.Write("o.db", "", UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherWrite);
        var path = _folder.Write("oktsec.yaml", "db_path: o.db");

        var (exit, output) = await RunAsync("--config", path);

        Assert.Equal(2, exit);
        Assert.Contains($"chmod go-w {store}", output);
    }

    [Fact]
    public async Task Verify_ToolsTheGatewayLastSaw_AreComparedWithTheLists()
    {
        await using (var store = SqliteStore.Open(Path.Join(_folder.Path, "o.db"), false, TimeProvider.System, NullLogger.Instance))
        {
            await store.SaveCatalogueAsync("tools#a", """{"tools":[{"name":"read"},{"name":"list"}]}"""u8.ToArray(), CancellationToken.None);
            await store.SaveCatalogueAsync("tools#b", """{"tools":[{"name":"read"}]}"""u8.ToArray(), CancellationToken.None);
        }
        var path = _folder.Write("oktsec.yaml", """
            db_path: o.db
            mcp_servers: {a: {command: sh}, b: {command: sh}}
            agents:
              bob: {allowed_tools: [read, a/read, b_read, list, lsit]}
            """);

        var (exit, output) = await RunAsync("--config", path);

        Assert.Equal(2, exit);
        Assert.Contains($"{path}:4:25: error: agents.bob.allowed_tools[0]: \"read\" fits a/read and b/read\n    write a/read or b/read, or both\n", output);
        Assert.Contains($"{path}:4:53: warning: agents.bob.allowed_tools[4]: no known server offers \"lsit\"\n    did you mean list?\n", output);
        Assert.Contains("1 error, 2 warnings: this file cannot be used", output);
    }

    [Fact]
    public void Ink_Off_WritesNoEscapes()
    {
        Assert.Equal(("a", "\e[31ma\e[0m"), (new Ink(false).Red("a"), new Ink(true).Red("a")));
    }

    private static async Task<(int Exit, string Output)> RunAsync(params string[] arguments)
    {
        var output = new StringWriter();
        var exit = await VerifyCommand.Create().Parse(arguments).InvokeAsync(new InvocationConfiguration { Output = output });
        return (exit, output.ToString());
    }
}
