using Oktsec.Core.Configuration;

namespace Oktsec.Configuration;

/// <summary>Keys that a running gateway cannot change: a reload says so instead of seeming to apply them.</summary>
internal static class RestartKeys
{
    /// <summary>Those that differ.</summary>
    public static IReadOnlyList<string> Changed(OktsecConfig old, OktsecConfig now) =>
        [.. Values(old).Zip(Values(now)).Where(pair => pair.First.Value != pair.Second.Value).Select(pair => pair.First.Key)];

    private static IEnumerable<(string Key, string Value)> Values(OktsecConfig config) =>
    [
        ("gateway.port", config.Gateway.PortAuto ? "auto" : $"{config.Gateway.Port}"),
        ("gateway.bind", config.Gateway.Bind),
        ("gateway.endpoint_path", config.Gateway.EndpointPath),
        ("db_path", config.DbPath),
        ("audit.durability", config.Audit.FullDurability ? "full" : "normal"),
    ];
}
