using Oktsec.Configuration;

namespace Oktsec.Doctor.Checks;

/// <summary>Agents whose name is only said, not proven.</summary>
internal sealed class NamesCheck : IHealthCheck
{
    public string Name => "names";

    public ValueTask<IReadOnlyList<HealthLine>> LookAsync(Installation at, CancellationToken cancel)
    {
        if (at.Config is not { } config)
            return new([HealthLine.Warning("unknown without a configuration that can be used", "oktsec verify")]);
        var said = KnownTokens.Said(config, at.Time.GetUtcNow());
        return new([said.Count == 0
            ? HealthLine.Fine(config.McpServers.Count == 0 ? "nothing is behind the gateway that a name could reach" : config.Agents.Count == 0 ? "no agents are named in the configuration" : "nobody can claim another's name")
            : HealthLine.Warning($"at the gateway only said, not proven: {string.Join(", ", said)}", $"oktsec tokens create {said[0]}")]);
    }
}
