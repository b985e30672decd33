using Microsoft.Extensions.Logging.Abstractions;
using Oktsec.Core.Audit;
using Oktsec.Storage.Sqlite;

namespace Oktsec.StoreWriter;

/// <summary>Eight writers that tell every record the store acknowledged, until they are killed or nobody listens. <c>write DB</c></summary>
internal static class EndlessWriters
{
    private const int Writers = 8;

    public static async Task<int> RunAsync(string db)
    {
        await using var store = SqliteStore.Open(db, fullDurability: false, TimeProvider.System, NullLogger.Instance);
        try
        {
            await Task.WhenAll(Enumerable.Range(0, Writers).Select(_ => Task.Run(() => WriteAsync(store))));
        }
        catch (IOException)
        {
            return 0; // the pipe is closed: the test is over
        }
        return 1;
    }

    private static async Task WriteAsync(SqliteStore store)
    {
        while (true)
        {
            var entry = Records.Entry();
            try
            {
                await store.AppendAsync(entry, CancellationToken.None);
                Acknowledgements.Tell('e', entry.Id);
                await store.AppendAsync(Records.Outcome(entry), CancellationToken.None);
                Acknowledgements.Tell('o', entry.Id);
            }
            catch (AuditUnavailableException)
            {
                Acknowledgements.Tell('x', entry.Id);
            }
        }
    }
}
