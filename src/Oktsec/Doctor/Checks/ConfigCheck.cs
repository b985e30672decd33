using Oktsec.Core.Configuration;

namespace Oktsec.Doctor.Checks;

/// <summary>Whether the configuration can be used, and what in it protects nothing yet.</summary>
internal sealed class ConfigCheck : IHealthCheck
{
    public string Name => "config";

    public ValueTask<IReadOnlyList<HealthLine>> LookAsync(Installation at, CancellationToken cancel)
    {
        if (at.Loaded is null)
            return new([HealthLine.Warning("no configuration; proxies use the built-in rules, there is no gateway", "oktsec setup, or write one: docs/configuration.md")]);
        if (at.Config is not { } config)
            return new([.. at.Loaded.Problems.Where(p => p.Kind == ProblemKind.Error).Select(p => HealthLine.Problem(p.ToString(), p.Remedy))]);
        var lines = new List<HealthLine> { HealthLine.Fine(config.SourcePath) };
        if (config.NotEnforced.Count > 0)
            lines.Add(HealthLine.Warning($"written, but they protect nothing yet: {string.Join(", ", config.NotEnforced)}", "oktsec verify"));
        return new(lines);
    }
}
