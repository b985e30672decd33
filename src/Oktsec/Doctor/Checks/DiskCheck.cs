namespace Oktsec.Doctor.Checks;

/// <summary>Whether there is room for records: no record, no call.</summary>
internal sealed class DiskCheck : IHealthCheck
{
    // A record takes some 300 bytes: 100 MiB are 300,000 of them, 1 GiB a month of a busy gateway.
    private const long TooLittle = 100 << 20;
    private const long Little = 1 << 30;

    public string Name => "disk";

    public ValueTask<IReadOnlyList<HealthLine>> LookAsync(Installation at, CancellationToken cancel)
    {
        var folder = Path.GetDirectoryName(at.DbPath)!;
        while (!Directory.Exists(folder))
            folder = Path.GetDirectoryName(folder)!;
        return new([Judge(new DriveInfo(folder).AvailableFreeSpace, folder)]);
    }

    internal static HealthLine Judge(long free, string folder) =>
        free < TooLittle ? HealthLine.Problem($"{Sizes.Of(free)} free at {folder}; nothing passes once it is full", "make room, or name another place with db_path")
        : free < Little ? HealthLine.Warning($"{Sizes.Of(free)} free at {folder}", "make room, or name another place with db_path")
        : HealthLine.Fine($"{Sizes.Of(free)} free at {folder}");
}
