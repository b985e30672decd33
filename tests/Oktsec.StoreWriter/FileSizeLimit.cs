using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging.Abstractions;
using Oktsec.Core.Audit;
using Oktsec.Storage.Sqlite;

namespace Oktsec.StoreWriter;

/// <summary>A disk that has no more room, three times, and then has: a limit on the size of files. <c>limit DB</c></summary>
internal static partial class FileSizeLimit
{
    private const int FileSize = 1; // RLIMIT_FSIZE
    private const int SizeExceeded = 25; // SIGXFSZ; its default action ends the process
    private const nint Ignore = 1; // SIG_IGN

    private const int RefusalsPerRound = 20;

    public static async Task<int> RunAsync(string db)
    {
        await using var store = SqliteStore.Open(db, fullDurability: false, TimeProvider.System, NullLogger.Instance);
        _ = Signal(SizeExceeded, Ignore);
        for (var round = 0; round < 3; round++)
        {
            SetLimit((ulong)new FileInfo(db + "-wal").Length + 1_000_000);
            for (var refused = 0; refused < RefusalsPerRound;)
                refused += (await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => AppendAsync(store)))).Sum();
            SetLimit(ulong.MaxValue);
            for (var i = 0; i < 10; i++)
            {
                if (await AppendAsync(store) > 0)
                    return 1; // did not recover
            }
        }
        return 0;
    }

    private static async Task<int> AppendAsync(SqliteStore store)
    {
        var entry = Records.Entry();
        try
        {
            await store.AppendAsync(entry, CancellationToken.None);
            Acknowledgements.Tell('e', entry.Id);
            await store.AppendAsync(Records.Outcome(entry), CancellationToken.None);
            Acknowledgements.Tell('o', entry.Id);
            return 0;
        }
        catch (AuditUnavailableException)
        {
            Acknowledgements.Tell('x', entry.Id);
            return 1;
        }
    }

    // The soft limit only: an unprivileged process may raise it again.
    private static void SetLimit(ulong bytes)
    {
        _ = GetLimit(FileSize, out var limit);
        limit.Soft = Math.Min(bytes, limit.Hard);
        if (SetLimit(FileSize, limit) != 0)
            throw new InvalidOperationException("setrlimit failed");
    }

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int GetLimit(int resource, out Limit limit);

    [LibraryImport("libc", EntryPoint = "setrlimit")]
    private static partial int SetLimit(int resource, in Limit limit);

    [LibraryImport("libc", EntryPoint = "signal")]
    private static partial nint Signal(int signal, nint handler);

    private struct Limit
    {
        public ulong Soft;
        public ulong Hard;
    }
}
