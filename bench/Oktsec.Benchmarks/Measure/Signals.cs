using System.Diagnostics;

namespace Oktsec.Benchmarks.Measure;

internal static class Signals
{
    /// <summary>SIGTERM to this one process; what does not go within 10 s (twice the gateway's drain) is killed with its children.</summary>
    public static void Terminate(Process process)
    {
        using var kill = Process.Start("kill", ["-TERM", process.Id.ToString()]);
        kill.WaitForExit();
        if (!process.WaitForExit(TimeSpan.FromSeconds(10)))
            process.Kill(entireProcessTree: true);
    }
}
