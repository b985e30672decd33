using Oktsec.Core.Configuration;
using Oktsec.Gateway;
using Oktsec.Storage;
using Oktsec.Storage.Sqlite;

namespace Oktsec.Configuration;

/// <summary>The tools that the gateway last saw behind a configuration.</summary>
/// <param name="Tools">Under the names agents would see.</param>
/// <param name="Unseen">Backends it never reached; all of them before its first start.</param>
internal sealed record KnownTools(IReadOnlyList<CatalogTool> Tools, IReadOnlyList<string> Unseen)
{
    public static KnownTools Of(OktsecConfig config)
    {
        var backends = config.McpServers.Select(b => b.Name).ToList();
        var saved = Saved(config.DbPath);
        var memory = new CatalogueMemory(new SavedOnly(saved));
        memory.Configure(backends);
        var names = memory.Names(ListKind.Tools);
        return new KnownTools(
            [.. from backend in backends
                from own in names.Known(backend)
                select new CatalogTool(names.Exposed(backend, own), backend, own)],
            [.. backends.Where(backend => memory.LastGood(backend, ListKind.Tools) is null)]);
    }

    private static IReadOnlyList<SavedCatalogue> Saved(string path)
    {
        if (!File.Exists(path))
            return [];
        try
        {
            using var reader = new SqliteReader(path);
            return reader.Read(CatalogueTable.Load);
        }
        catch (StoreException)
        {
            // The store's own trouble is reported where it is checked; without it nothing is known.
            return [];
        }
    }

    private sealed class SavedOnly(IReadOnlyList<SavedCatalogue> saved) : ICatalogueStore
    {
        public IReadOnlyList<SavedCatalogue> LoadCatalogues() => saved;

        public ValueTask SaveCatalogueAsync(string backend, ReadOnlyMemory<byte> catalogue, CancellationToken cancel) => ValueTask.CompletedTask;
    }
}
