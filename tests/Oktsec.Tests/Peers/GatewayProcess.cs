using System.Diagnostics;
using Oktsec.Tests.Support;

namespace Oktsec.Tests.Peers;

/// <summary>The real program, started as a user would: <c>oktsec gateway --config FILE</c>, in a folder of its own.</summary>
internal sealed class GatewayProcess : IAsyncDisposable
{
    private readonly TemporaryFolder _folder;
    private readonly ListeningProcess _process;

    private GatewayProcess(TemporaryFolder folder, ListeningProcess process) => (_folder, _process) = (folder, process);

    public string Output => _process.Output;

    public Uri Url => new($"http://localhost:{_process.Port}/mcp");

    /// <param name="more">Further YAML, such as <c>agents:</c>.</param>
    public static async Task<GatewayProcess> StartAsync(IEnumerable<(string Name, PeerTarget Target)> backends, string more = "")
    {
        var folder = new TemporaryFolder();
        var config = Path.Combine(folder.Path, "oktsec.yaml");
        var servers = string.Concat(backends.Select(b => b.Target.ToYaml(b.Name)));
        await File.WriteAllTextAsync(config, $"db_path: ./oktsec.db\nmcp_servers:\n{servers}{more}\n");
        File.SetUnixFileMode(config, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var process = await ListeningProcess.StartAsync(
            port => new ProcessStartInfo(OktsecProgram.Path, ["gateway", "--config", config, "--port", $"{port}"]) { WorkingDirectory = folder.Path },
            ready: "/mcp");
        return new GatewayProcess(folder, process);
    }

    /// <summary>How an agent reaches it.</summary>
    public PeerTarget As(string agent) =>
        PeerTarget.Http(Url) with { Headers = new Dictionary<string, string> { ["X-Oktsec-Agent"] = agent } };

    /// <summary>What <c>oktsec logs</c> prints.</summary>
    public async Task<string> LogsAsync(params string[] args)
    {
        var start = new ProcessStartInfo(OktsecProgram.Path, ["logs", "--config", Path.Combine(_folder.Path, "oktsec.yaml"), .. args])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = _folder.Path,
        };
        using var logs = Process.Start(start)!;
        var errors = logs.StandardError.ReadToEndAsync();
        var output = await logs.StandardOutput.ReadToEndAsync();
        await logs.WaitForExitAsync();
        Assert.True(logs.ExitCode == 0, $"oktsec logs: {await errors}");
        return output;
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _folder.Dispose();
    }
}
