using System.Globalization;
using Oktsec.Storage;
using Oktsec.Storage.Sqlite;

namespace Oktsec.Doctor.Checks;

/// <summary>Whether records can be written, how many there are and since when.</summary>
internal sealed class StoreCheck : IHealthCheck
{
    public string Name => "store";

    public ValueTask<IReadOnlyList<HealthLine>> LookAsync(Installation at, CancellationToken cancel)
    {
        if (!File.Exists(at.DbPath))
            return new([HealthLine.Fine($"none yet; the first call creates {at.DbPath}")]);
        try
        {
            using var database = Database.Open(at.DbPath, fullDurability: false);
            Schema.Migrate(database);
            database.Execute("BEGIN IMMEDIATE; ROLLBACK"); // takes the lock that every record takes
            var count = database.Scalar("SELECT max(coalesce((SELECT max(seq) FROM entries), 0), coalesce((SELECT max(seq) FROM outcomes), 0))");
            var oldest = database.Scalar("SELECT time_us FROM entries ORDER BY seq LIMIT 1");
            var size = new FileInfo(at.DbPath).Length + (new FileInfo(at.DbPath + "-wal") is { Exists: true } log ? log.Length : 0);
            return new([
                HealthLine.Fine($"{at.DbPath}, can be written"),
                HealthLine.Fine($"{count} records, {(oldest == 0 ? "none yet" : "the oldest of " + Day(oldest))}, {Sizes.Of(size)}"),
                HealthLine.Fine($"schema version {Schema.Version}, SQLite {NativeLibraryChoice.Describe()}")]);
        }
        catch (Exception e) when (e is SqliteException or StoreException)
        {
            return new([HealthLine.Problem($"{at.DbPath}: {e.Message}", "nothing passes while nothing can be recorded: make it writable, or name another with db_path")]);
        }
    }

    private static string Day(long microseconds) => Microseconds.ToTime(microseconds).UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}

/// <summary>Sizes as people read them.</summary>
internal static class Sizes
{
    public static string Of(long bytes) =>
        bytes >= 1L << 30 ? string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 30):0.0} GiB")
        : bytes >= 1 << 20 ? string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1 << 20):0.0} MiB")
        : $"{(bytes + 1023) / 1024} KiB";
}
