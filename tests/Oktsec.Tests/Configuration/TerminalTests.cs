using System.Diagnostics;
using System.Globalization;
using Oktsec.Tests.Support;

namespace Oktsec.Tests.Configuration;

/// <summary>A real gateway in a real pseudo-terminal (script, from util-linux).</summary>
public sealed class TerminalTests : IDisposable
{
    // Only a bound: reached when something is broken.
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task HangUp_TerminalClosed_EndsTheGateway()
    {
        var config = _folder.Write("oktsec.yaml", "db_path: o.db");
        var life = Path.Join(_folder.Path, "life");
        using (var mkfifo = Process.Start("mkfifo", [life]))
            await mkfifo.WaitForExitAsync();
        // The gateway holds the pipe's writing end: its end of file is the gateway's end, however that comes.
        var gateway = $"echo $$ >{_folder.Path}/pid; exec {OktsecProgram.Path} gateway --config {config} --port 0 3>{life}";
        using var terminal = Process.Start(new ProcessStartInfo("script", ["-qfc", gateway, "/dev/null"]) { RedirectStandardOutput = true, RedirectStandardInput = true })!;
        var ended = Task.Run(() => File.ReadAllBytes(life));
        while (await terminal.StandardOutput.ReadLineAsync().WaitAsync(s_patience) is { } line && !line.Contains("records"))
            Assert.False(ended.IsCompleted, line);
        Assert.False(ended.IsCompleted);

        terminal.Kill();

        try
        {
            await ended.WaitAsync(s_patience);
        }
        catch (TimeoutException)
        {
            using var left = Process.GetProcessById(int.Parse(File.ReadAllText(Path.Join(_folder.Path, "pid")), CultureInfo.InvariantCulture));
            left.Kill();
            throw;
        }
    }
}
