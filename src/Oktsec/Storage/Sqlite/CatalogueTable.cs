namespace Oktsec.Storage.Sqlite;

/// <summary>One row per backend, replaced when its catalogue changes.</summary>
internal static class CatalogueTable
{
    public static void Save(Database database, string backend, DateTimeOffset time, ReadOnlySpan<byte> catalogue)
    {
        var insert = database.Statement("""
            INSERT INTO catalogues(backend, time_us, catalogue) VALUES(?1, ?2, ?3)
            ON CONFLICT(backend) DO UPDATE SET time_us = excluded.time_us, catalogue = excluded.catalogue
            """);
        insert.Bind(1, backend);
        insert.Bind(2, Microseconds.Of(time));
        insert.BindBlob(3, catalogue);
        insert.Run();
    }

    public static IReadOnlyList<SavedCatalogue> Load(Database database)
    {
        var select = database.Statement("SELECT backend, time_us, catalogue FROM catalogues ORDER BY backend");
        var catalogues = new List<SavedCatalogue>();
        while (select.Step())
            catalogues.Add(new SavedCatalogue(select.Text(0), Microseconds.ToTime(select.Int64(1)), select.Bytes(2).ToArray()));
        return catalogues;
    }
}
