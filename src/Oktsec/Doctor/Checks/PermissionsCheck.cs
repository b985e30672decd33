using Oktsec.Configuration;
using Oktsec.Storage;

namespace Oktsec.Doctor.Checks;

/// <summary>Whether others may write what decides, or read what is secret.</summary>
internal sealed class PermissionsCheck : IHealthCheck
{
    public string Name => "permissions";

    public ValueTask<IReadOnlyList<HealthLine>> LookAsync(Installation at, CancellationToken cancel)
    {
        var key = Path.Join(Path.GetDirectoryName(at.DbPath), StoreKey.FileName);
        string[] secret = [at.DbPath, at.DbPath + "-wal", at.DbPath + "-shm", key, .. Kept(at, "tokens"), .. Kept(at, "secrets")];
        var lines = new List<HealthLine>();
        foreach (var path in secret.Append(at.Config?.SourcePath ?? "").Where(File.Exists))
        {
            if (FilePermissions.Check(path) is (var problem, var remedy))
                lines.Add(HealthLine.Problem($"{path} {problem}", remedy));
            else if (secret.Contains(path) && IsReadByOthers(path))
                lines.Add(HealthLine.Warning($"{path} can be read by others", $"chmod 600 {path}"));
        }
        return new(lines.Count > 0 ? lines : [HealthLine.Fine("configuration, store, key and tokens are their owner's alone")]);
    }

    // What setup and wrap keep beside the configuration.
    private static string[] Kept(Installation at, string folder) =>
        at.Config is { SourcePath.Length: > 0 } config && Path.Join(Path.GetDirectoryName(config.SourcePath), folder) is var path && Directory.Exists(path) ? Directory.GetFiles(path, "*", SearchOption.AllDirectories) : [];

    private static bool IsReadByOthers(string path) =>
        !OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & (UnixFileMode.GroupRead | UnixFileMode.OtherRead)) != 0;
}
