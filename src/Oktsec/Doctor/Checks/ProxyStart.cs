using Oktsec.Clients.Servers;
using Oktsec.Configuration;
using Oktsec.Core.Configuration;
using Oktsec.Storage;
using Oktsec.Storage.Sqlite;

namespace Oktsec.Doctor.Checks;

/// <summary>What a client's proxy would meet when it starts.</summary>
internal static class ProxyStart
{
    /// <summary>Why it would not serve, and what to do; null when it would.</summary>
    public static (string Problem, string Remedy)? Problem(ProxyArguments proxy)
    {
        if (proxy.Config is not { } path || !Path.IsPathFullyQualified(path))
            return null; // which file counts depends on where the client starts it
        var loaded = ConfigFile.Load(path, MachineEnvironment.With(KnownRules.Of));
        if (loaded.Config is not { } config)
            return ($"its configuration cannot be used: {loaded.Problems.First(p => p.Kind == ProblemKind.Error)}", $"oktsec verify --config {path}");
        if (config.Agents.Count > 0 && !config.DefaultAllow && !config.Agents.ContainsKey(proxy.Agent))
            return ($"{path} does not name {proxy.Agent} under agents:, so it is denied", $"add it there: {proxy.Agent}: {{}}");
        try
        {
            if (!File.Exists(config.DbPath))
                return null; // the first call creates it
            using var database = Database.Open(config.DbPath, fullDurability: false);
            database.Execute("BEGIN IMMEDIATE; ROLLBACK"); // takes the lock that every record takes
            return null;
        }
        catch (Exception e) when (e is SqliteException or StoreException)
        {
            return ($"its records cannot be written to {config.DbPath}: {e.Message}", "make it writable, or name another with db_path");
        }
    }
}
