namespace Oktsec.Storage;

/// <summary>The last known catalogue of each backend, so that exposed names do not depend on which backend happens to be up.</summary>
internal interface ICatalogueStore
{
    /// <exception cref="Core.Audit.AuditUnavailableException">It could not be written.</exception>
    ValueTask SaveCatalogueAsync(string backend, ReadOnlyMemory<byte> catalogue, CancellationToken cancel);

    IReadOnlyList<SavedCatalogue> LoadCatalogues();
}

/// <summary>Opaque to the store.</summary>
internal sealed record SavedCatalogue(string Backend, DateTimeOffset Time, byte[] Catalogue);
