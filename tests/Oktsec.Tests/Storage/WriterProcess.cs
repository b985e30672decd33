using System.Diagnostics;

namespace Oktsec.Tests.Storage;

/// <summary>A process of ours that writes to a store and tells what was acknowledged; see tests/Oktsec.StoreWriter.</summary>
internal sealed class WriterProcess : IDisposable
{
    private readonly Process process;

    public WriterProcess(string role, string db)
    {
        // Beside our own output: .../Oktsec.Tests/bin/Debug/net10.0/ -> .../Oktsec.StoreWriter/bin/Debug/net10.0/
        var path = Path.Combine(AppContext.BaseDirectory.Replace("Oktsec.Tests", "Oktsec.StoreWriter"), "Oktsec.StoreWriter");
        process = Process.Start(new ProcessStartInfo(path, [role, db]) { RedirectStandardOutput = true })!;
    }

    /// <summary>The ids acknowledged so far, by kind of record.</summary>
    public List<(char Kind, string Id)> Told { get; } = [];

    /// <summary>Reads lines until so many were told, or the process ended.</summary>
    public async Task ListenAsync(int count, CancellationToken cancel)
    {
        while (Told.Count < count && await process.StandardOutput.ReadLineAsync(cancel) is { } line)
            Told.Add((line[0], line[2..]));
    }

    /// <summary>Ends it as <c>kill -9</c> does, and reads what it had told before.</summary>
    public async Task KillAsync(CancellationToken cancel)
    {
        process.Kill();
        await ListenAsync(int.MaxValue, cancel);
        await process.WaitForExitAsync(cancel);
    }

    public async Task<int> ExitCodeAsync(CancellationToken cancel)
    {
        await ListenAsync(int.MaxValue, cancel);
        await process.WaitForExitAsync(cancel);
        return process.ExitCode;
    }

    public void Dispose()
    {
        if (!process.HasExited)
            process.Kill();
        process.Dispose();
    }
}
