using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Oktsec.TestServer;

/// <summary>Everything that makes a process hard to end.</summary>
internal static class Stubborn
{
    private static readonly List<PosixSignalRegistration> s_ignored = [];

    public static void Apply(Arguments arguments)
    {
        if (arguments.PidsFile is { } file)
            File.AppendAllText(file, $"{Environment.ProcessId}\n");
        if (arguments.IgnoreSigterm)
            Ignore();
        if (!arguments.Grandchild)
            return;
        // It inherits stdout, so that the end of the output does not come either.
        using var grandchild = Process.Start(new ProcessStartInfo("dotnet", [typeof(Stubborn).Assembly.Location, "--linger"]) { UseShellExecute = false })!;
        if (arguments.PidsFile is not null)
            File.AppendAllText(arguments.PidsFile, $"{grandchild.Id}\n");
    }

    public static async Task<int> LingerAsync()
    {
        Ignore();
        await Task.Delay(Timeout.Infinite);
        return 0;
    }

    private static void Ignore()
    {
        foreach (var signal in (PosixSignal[])[PosixSignal.SIGTERM, PosixSignal.SIGINT, PosixSignal.SIGHUP])
            s_ignored.Add(PosixSignalRegistration.Create(signal, context => context.Cancel = true));
    }
}
