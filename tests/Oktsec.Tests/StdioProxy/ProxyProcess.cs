using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Oktsec.Core.Audit;
using Oktsec.Storage.Sqlite;
using Oktsec.Tests.Gateway;
using Oktsec.Tests.Support;

namespace Oktsec.Tests.StdioProxy;

/// <summary>The real executable as a stdio proxy in front of a real server, with a home and a store of its own.</summary>
internal sealed class ProxyProcess : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5); // a hang must end as a failure

    private readonly TempFolder _folder;
    private readonly bool _ownsFolder;
    private readonly Process _process;
    private readonly StringBuilder _errors = new();
    private readonly TaskCompletionSource _errorsEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly StreamReader _output;

    private ProxyProcess(TempFolder folder, bool ownsFolder, ProcessStartInfo start)
    {
        (_folder, _ownsFolder) = (folder, ownsFolder);
        // Tests that a shell started in the background would hand on that SIGINT is ignored.
        start.ArgumentList.Insert(0, start.FileName);
        start.ArgumentList.Insert(0, "--default-signal=INT");
        start.FileName = "env";
        _process = Process.Start(start)!;
        _process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is null)
                _errorsEnded.TrySetResult();
            else
                lock (_errors)
                    _errors.AppendLine(line.Data);
        };
        _process.BeginErrorReadLine();
        _output = new StreamReader(_process.StandardOutput.BaseStream, Encoding.UTF8);
    }

    public int Pid => _process.Id;

    public TempFolder Folder => _folder;

    public Stream Input => _process.StandardInput.BaseStream;

    public Stream Output => _process.StandardOutput.BaseStream;

    /// <summary>Starts <c>oktsec proxy --agent tester OPTIONS -- COMMAND</c>; with YAML it gets <c>--config</c>.</summary>
    public static ProxyProcess Start(string options, string[] command, string? yaml = null, TempFolder? folder = null, string agent = "tester")
    {
        var own = folder ?? new TempFolder();
        return new ProxyProcess(own, folder is null, Executable(own, [.. Arguments(own, options, yaml, agent), "--", .. command]));
    }

    private static List<string> Arguments(TempFolder own, string options, string? yaml, string agent)
    {
        var arguments = new List<string> { "proxy", "--agent", agent };
        arguments.AddRange(options.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        if (yaml is not null)
        {
            File.WriteAllText(own["oktsec.yaml"], yaml);
            File.SetUnixFileMode(own["oktsec.yaml"], UnixFileMode.UserRead | UnixFileMode.UserWrite);
            arguments.AddRange(["--config", own["oktsec.yaml"]]);
        }
        return arguments;
    }

    /// <summary>The same in front of the scripted server, which writes down what it receives.</summary>
    public static ProxyProcess StartServer(string options, string? yaml = null, string script = "", string agent = "tester", TempFolder? folder = null, params string[] more)
    {
        var own = folder ?? new TempFolder();
        List<string> command = ["dotnet", TestGateway.ServerDll, "--received", own[agent + ".received"], .. more.Select(m => m == "__PIDS__" ? own["pids"] : m)];
        if (script.Length > 0)
        {
            File.WriteAllText(own["script.json"], script);
            command.AddRange(["--script", own["script.json"]]);
        }
        return Start(options, [.. command], yaml, own, agent);
    }

    /// <summary>The executable as the bridge to a URL.</summary>
    public static ProxyProcess StartBridge(string options, Uri url, string? yaml = null, TempFolder? folder = null, string agent = "tester", params string[] more)
    {
        var own = folder ?? new TempFolder();
        return new ProxyProcess(own, folder is null, Executable(own, [.. Arguments(own, options, yaml, agent), "--url", url.ToString(), .. more]));
    }

    /// <summary>How the executable is started: its home is the folder, and nothing of ours reaches it.</summary>
    public static ProcessStartInfo Executable(TempFolder home, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(OktsecProgram.Path, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = home.Path,
        };
        start.Environment["HOME"] = home.Path;
        start.Environment.Remove("OKTSEC_CONFIG");
        return start;
    }

    public async Task SendAsync(string line)
    {
        await Input.WriteAsync(Encoding.UTF8.GetBytes(line + "\n"));
        await Input.FlushAsync();
    }

    /// <summary>The next line the agent reads.</summary>
    public async Task<string> ReadAsync() => await _output.ReadLineAsync().WaitAsync(s_patience) ?? throw new EndOfStreamException(Errors());

    /// <summary>Sends a line and returns the next one that comes.</summary>
    public async Task<string> AskAsync(string line)
    {
        await SendAsync(line);
        return await ReadAsync();
    }

    /// <summary>Opens the session.</summary>
    public async Task<JsonNode> InitializeAsync(string capabilities = "{}")
    {
        var answer = await AskAsync($$$"""{"jsonrpc":"2.0","id":"init","method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{{{capabilities}}},"clientInfo":{"name":"t","version":"1"} } }""");
        await SendAsync("""{"jsonrpc":"2.0","method":"notifications/initialized"}""");
        return JsonNode.Parse(answer)!;
    }

    /// <summary>Everything the agent reads from now on, byte for byte.</summary>
    public async Task<byte[]> ReadToEndAsync()
    {
        using var all = new MemoryStream();
        await Output.CopyToAsync(all).WaitAsync(s_patience);
        return all.ToArray();
    }

    public async Task<int> ExitAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(s_patience);
        return _process.ExitCode;
    }

    /// <summary>Closes its input and waits for its end.</summary>
    public async Task<int> EndAsync()
    {
        Input.Close();
        return await ExitAsync();
    }

    public void Kill() => _process.Kill();

    public string Errors()
    {
        lock (_errors)
            return _errors.ToString();
    }

    public async Task<string> AllErrorsAsync()
    {
        await _errorsEnded.Task.WaitAsync(s_patience);
        return Errors();
    }

    /// <summary>What reached the server: every line it received.</summary>
    public string[] Received(string agent = "tester") => File.Exists(_folder[agent + ".received"]) ? File.ReadAllLines(_folder[agent + ".received"]) : [];

    public string DbPath => _folder[".oktsec/oktsec.db"];

    /// <summary>Records, newest first.</summary>
    public IReadOnlyList<AuditRow> Records(string? method = null) => [.. RecordsOf(DbPath).Where(r => method is null || r.Entry.Method == method)];

    public static IReadOnlyList<AuditRow> RecordsOf(string path)
    {
        if (!File.Exists(path))
            return [];
        var store = SqliteStore.Open(path, fullDurability: false, TimeProvider.System, NullLogger.Instance);
        try
        {
            return store.Query(new AuditQuery { Limit = 10_000 });
        }
        finally
        {
            store.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
    }

    /// <summary>Ends with this object.</summary>
    public IAsyncDisposable? Server { get; set; }

    public async ValueTask DisposeAsync()
    {

        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        if (Server is not null)
            await Server.DisposeAsync();
        if (_ownsFolder)
            _folder.Dispose();
    }
}
