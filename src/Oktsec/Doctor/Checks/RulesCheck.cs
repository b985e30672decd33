using Oktsec.Configuration;

namespace Oktsec.Doctor.Checks;

/// <summary>Whether the rules load, the user's own too.</summary>
internal sealed class RulesCheck : IHealthCheck
{
    public string Name => "rules";

    public ValueTask<IReadOnlyList<HealthLine>> LookAsync(Installation at, CancellationToken cancel)
    {
        var rules = KnownRules.Load(at.Config?.CustomRulesDir ?? "", out var problems).All;
        var own = rules.Count(r => r.IsCustom);
        return new([
            HealthLine.Fine($"{rules.Count - own} built in{(own > 0 ? $", {own} of your own" : "")}"),
            .. problems.Select(p => new HealthLine(p.IsError ? HealthLevel.Problem : HealthLevel.Warning, $"{p.File}:{p.Line}: {p.Message}", "oktsec rules lint"))]);
    }
}
