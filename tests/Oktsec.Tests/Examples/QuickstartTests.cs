using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Oktsec.Tests.Clients;
using Oktsec.Tests.Peers;

namespace Oktsec.Tests.Examples;

/// <summary>docs/quickstart.md, each command as written, by the real executable in a home of its own.</summary>
public sealed class QuickstartTests : IDisposable
{
    private const string Cursor = """
        {
          // the user's own remark
          "mcpServers": {
            "filesystem": { "command": "npx", "args": ["-y", "@modelcontextprotocol/server-filesystem", "/tmp"], "env": { "KEY": "sk-not-to-be-shown" } },
            "everything": { "command": "npx", "args": ["-y", "@modelcontextprotocol/server-everything"] }
          }
        }

        """;

    private readonly OktsecHome _home = new();

    public void Dispose() => _home.Dispose();

    [Fact]
    public async Task Page_EveryCommand_WorksAsWrittenAndUndoesItself()
    {
        var file = _home.Write(".cursor/mcp.json", Cursor);
        var page = await File.ReadAllTextAsync(Path.Join(PeerPaths.Root, "docs", "quickstart.md"), TestContext.Current.CancellationToken);
        var commands = Regex.Matches(page, "```sh\n(.*?)```", RegexOptions.Singleline, TimeSpan.FromSeconds(1))
            .SelectMany(m => m.Groups[1].Value.Split('\n', StringSplitOptions.RemoveEmptyEntries)).ToList();
        Assert.Equal(
            ["oktsec discover", "oktsec setup --dry-run", "oktsec setup", "oktsec status", "oktsec doctor", "oktsec logs", "oktsec wrap --enforce --all", "oktsec run",
                "oktsec tokens create my-agent", "oktsec tokens list", "oktsec unwrap --all"],
            commands);
        using var port = new Socket(SocketType.Stream, ProtocolType.Tcp); // bound, not listening: whatever this machine has on 9090 is not asked
        port.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        foreach (var command in commands)
        {
            var (exit, output, error) = command == "oktsec run" ? await _home.RunGatewayAsync(["--port", "0"]) : await _home.RunAsync(command.Split(' ')[1..]);
            Assert.DoesNotContain("sk-not-to-be-shown", output + error);
            var text = await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);
            switch (command)
            {
                case "oktsec discover":
                    Assert.Contains("2 of 2 servers do not pass oktsec", output);
                    break;
                case "oktsec setup --dry-run":
                    Assert.Equal((Cursor, false), (text, File.Exists(_home.Config)));
                    break;
                case "oktsec setup":
                    Assert.Contains("\"proxy\", \"--agent\", \"filesystem\"", text);
                    Assert.Contains("// the user's own remark", text);
                    Assert.DoesNotContain("--enforce", text);
                    Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(_home[".oktsec"]));
                    _home.Write(".oktsec/config.yaml", _home.Read(".oktsec/config.yaml").Replace("gateway:\n", $"gateway:\n  port: {((IPEndPoint)port.LocalEndPoint!).Port}\n", StringComparison.Ordinal));
                    break;
                case "oktsec status" or "oktsec doctor":
                    Assert.Contains("Cursor: 2 of 2 servers through oktsec, observed", output);
                    Assert.Contains("0 to mend", output);
                    break;
                case "oktsec logs":
                    Assert.Contains("cli/", output);
                    break;
                case "oktsec wrap --enforce --all":
                    Assert.Contains("\"--enforce\"", text);
                    break;
                case "oktsec run":
                    Assert.Contains("2 servers, all through oktsec", output);
                    break;
                case "oktsec tokens list":
                    Assert.Contains("my-agent", output);
                    break;
                case "oktsec unwrap --all":
                    Assert.Equal(Cursor, text);
                    break;
            }
            Assert.True(exit == 0, $"{command}: {exit}\n{output}{error}");
        }
    }
}
