using Oktsec.Core.Configuration;
using Oktsec.Core.Identity;
using Oktsec.Storage;
using Oktsec.Storage.Sqlite;

namespace Oktsec.Configuration;

/// <summary>The tokens of a configuration: its own and those of its store, looked at without starting anything.</summary>
internal static class KnownTokens
{
    /// <summary>None when there is no store yet, or it cannot be read.</summary>
    public static IReadOnlyList<AgentToken> Of(OktsecConfig config)
    {
        if (!File.Exists(config.DbPath))
            return config.Tokens;
        try
        {
            using var reader = new SqliteReader(config.DbPath);
            return [.. config.Tokens, .. reader.Read(TokenTable.Read)];
        }
        catch (StoreException)
        {
            return config.Tokens; // the store's own trouble is reported where it is checked
        }
    }

    /// <summary>The agents whose name anybody on this machine may say at the gateway: those without a token. None while there is nothing behind the gateway.</summary>
    public static IReadOnlyList<string> Said(OktsecConfig config, DateTimeOffset now)
    {
        if (config.McpServers.Count == 0 || config.Gateway is { RequireAuth: true } or { TakesHeader: false })
            return [];
        var proven = Of(config).Where(t => t.IsActiveAt(now)).Select(t => t.Agent).ToHashSet(StringComparer.Ordinal);
        return [.. config.Agents.Keys.Where(name => !proven.Contains(name))];
    }

    public static bool HasActive(OktsecConfig config, TimeProvider time) => Of(config).Any(t => t.IsActiveAt(time.GetUtcNow()));
}
