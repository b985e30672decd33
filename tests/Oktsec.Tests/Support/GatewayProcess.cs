using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Oktsec.Tests.Peers;

namespace Oktsec.Tests.Support;

/// <summary>The real executable as a gateway, with a home, a configuration and a store of its own.</summary>
internal sealed class GatewayProcess : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5); // a hang must end as a failure

    private static readonly Regex s_url = new("http://localhost:([0-9]+)/mcp", RegexOptions.NonBacktracking);

    private readonly TempFolder _folder = new();
    private readonly StringBuilder _output = new();
    private TaskCompletionSource<int> _listening = New();
    private Process? _process;

    public int Port { get; private set; }

    public int ProcessId => _process!.Id;

    public Uri Url => new($"http://localhost:{Port}/mcp");

    /// <summary>Where the test server writes down what reaches it; one message a line.</summary>
    public string ReceivedFile => _folder["received.jsonl"];

    private string ConfigPath => _folder["oktsec.yaml"];

    /// <summary>Starts a gateway. <c>{server}</c> and <c>{received}</c> in the configuration stand for the test server and its file.</summary>
    public static async Task<GatewayProcess> StartAsync(string config)
    {
        var gateway = new GatewayProcess();
        var text = config.Replace("{server}", TestServer(), StringComparison.Ordinal).Replace("{received}", gateway.ReceivedFile, StringComparison.Ordinal);
        await File.WriteAllTextAsync(gateway.ConfigPath, text);
        File.SetUnixFileMode(gateway.ConfigPath, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await gateway.StartAsync();
        return gateway;
    }

    /// <summary>Ends it and starts it again with the same files; its output begins anew.</summary>
    public async Task RestartAsync()
    {
        await StopAsync();
        lock (_output)
            _output.Clear();
        _listening = New();
        await StartAsync();
    }

    /// <summary>What reached the backend so far.</summary>
    public string Received() => File.Exists(ReceivedFile) ? File.ReadAllText(ReceivedFile) : "";

    /// <summary>Follows the records with the command that people use. The gateway must have recorded something.</summary>
    public LiveLog FollowLogs() => new(Executable("logs", "--config", ConfigPath, "--live", "--json", "--limit", "1000"));

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _folder.Dispose();
    }

    private static TaskCompletionSource<int> New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Path of another project's executable, built with the same configuration as this one.</summary>
    private static string TestServer()
    {
        var output = Path.GetRelativePath(Path.Join(PeerPaths.Root, "tests", "Oktsec.Tests"), AppContext.BaseDirectory);
        return Path.Join(PeerPaths.Root, "tests", "Oktsec.TestServer", output, "Oktsec.TestServer");
    }

    private ProcessStartInfo Executable(params string[] arguments)
    {
        var start = new ProcessStartInfo(OktsecProgram.Path, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = _folder.Path,
        };
        start.Environment["HOME"] = _folder.Path;
        start.Environment.Remove("OKTSEC_CONFIG");
        return start;
    }

    private async Task StartAsync()
    {
        _process = Process.Start(Executable("gateway", "--config", ConfigPath, "--port", "0"))!;
        _process.OutputDataReceived += OnLine;
        _process.ErrorDataReceived += OnLine;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        var ended = _process.WaitForExitAsync();
        if (await Task.WhenAny(_listening.Task, ended).WaitAsync(s_patience) == ended)
            throw new IOException($"the gateway ended with {_process.ExitCode}: {Output()}");
        Port = await _listening.Task;
    }

    private async Task StopAsync()
    {
        if (_process is null)
            return;
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    /// <summary>What it printed so far, on both streams.</summary>
    public string Output()
    {
        lock (_output)
            return _output.ToString();
    }

    private void OnLine(object sender, DataReceivedEventArgs line)
    {
        if (line.Data is null)
            return;
        lock (_output)
            _output.AppendLine(line.Data);
        if (s_url.Match(line.Data) is { Success: true } url)
            _listening.TrySetResult(int.Parse(url.Groups[1].ValueSpan, CultureInfo.InvariantCulture));
    }
}
