using Oktsec.Mcp.Stdio;

namespace Oktsec.StdioProxy;

/// <summary>Whether the client that started us is still there, told without reading or writing. Only on Linux; elsewhere the next read or write shows it.</summary>
internal static class OwnClient
{
    private static readonly TimeSpan s_tick = TimeSpan.FromSeconds(1);

    /// <summary>Nobody reads our stdout any more.</summary>
    public static bool IsGone => Has(1, 0);

    /// <summary>Nobody writes to our stdin any more; there may still be something to read.</summary>
    public static bool HasEnded => Has(0, Posix.PollReadEnd);

    /// <summary>
    /// Completes when the client has left while what it said before cannot be passed on: who hands a line to a server that does not read does not see the
    /// end of its own input.
    /// </summary>
    /// <param name="stuckFor">How long the server has not taken what is handed to it.</param>
    /// <param name="patience">After which it will not, as long as somebody could still hear an answer.</param>
    public static async Task LeftAsync(Func<TimeSpan> stuckFor, TimeSpan patience, TimeProvider time, CancellationToken cancel)
    {
        using var tick = new PeriodicTimer(s_tick, time);
        try
        {
            while (await tick.WaitForNextTickAsync(cancel))
            {
                if (HasEnded && stuckFor() is var stuck && stuck > TimeSpan.Zero && (IsGone || stuck >= patience))
                    return;
            }
        }
        catch (OperationCanceledException)
        {
            // The run ends.
        }
    }

    private static unsafe bool Has(int handle, short wanted)
    {
        if (!OperatingSystem.IsLinux())
            return false;
        var entry = new Posix.PollEntry { Handle = handle, Wanted = wanted };
        return Posix.poll(&entry, 1, 0) > 0 && (entry.Happened & (Posix.PollError | Posix.PollHangUp | wanted)) != 0;
    }
}
