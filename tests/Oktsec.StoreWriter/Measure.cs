using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Oktsec.Core.Audit;
using Oktsec.Storage.Sqlite;

namespace Oktsec.StoreWriter;

/// <summary>How long an append takes, alone and under load. <c>measure DB [full]</c></summary>
internal static class Measure
{
    private const int Warmup = 20_000;
    private const int Calls = 50_000;

    public static async Task<int> RunAsync(string db, string[] options)
    {
        await using var store = SqliteStore.Open(db, options.Contains("full"), TimeProvider.System, NullLogger.Instance);
        await RunAsync(store, 1, Warmup, report: false);
        foreach (var callers in (int[])[1, 8, 32])
            await RunAsync(store, callers, Calls, report: true);
        Console.WriteLine($"sqlite {NativeLibraryChoice.Describe()}, allocated {GC.GetTotalAllocatedBytes() / (Warmup + 3 * Calls) / 2} B per append");
        return 0;
    }

    private static async Task RunAsync(SqliteStore store, int callers, int calls, bool report)
    {
        var each = calls / callers;
        var samples = new long[callers][];
        var cpu = Environment.CpuUsage.TotalTime;
        var start = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, callers).Select(c => Task.Run(async () =>
        {
            var mine = samples[c] = new long[each * 2];
            for (var i = 0; i < each; i++)
            {
                await Task.Yield(); // a caller in the gateway comes from a socket and goes back to it; without this two callers would hold both cores
                var entry = Records.Entry();
                var before = Stopwatch.GetTimestamp();
                await store.AppendAsync(entry, CancellationToken.None);
                var between = Stopwatch.GetTimestamp();
                await store.AppendAsync(Records.Outcome(entry), CancellationToken.None);
                mine[2 * i] = between - before;
                mine[2 * i + 1] = Stopwatch.GetTimestamp() - between;
            }
        })));
        var elapsed = Stopwatch.GetElapsedTime(start);
        if (!report)
            return;
        var all = samples.SelectMany(s => s).Order().ToArray();
        Console.WriteLine($"{callers,2} callers: p50 {Us(all, .5):F1} µs  p99 {Us(all, .99):F1} µs  p99.9 {Us(all, .999):F1} µs  max {Us(all, 1):F0} µs  {all.Length / elapsed.TotalSeconds:F0} records/s  {(Environment.CpuUsage.TotalTime - cpu).TotalMicroseconds / all.Length:F1} µs CPU each");
    }

    private static double Us(long[] sorted, double quantile) =>
        Stopwatch.GetElapsedTime(0, sorted[Math.Min(sorted.Length - 1, (int)(sorted.Length * quantile))]).TotalMicroseconds;
}
