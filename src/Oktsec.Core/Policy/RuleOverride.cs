using Oktsec.Core.Configuration;
using Oktsec.Core.Pipeline;
using Oktsec.Scanning;

namespace Oktsec.Core.Policy;

/// <summary>One entry of <c>rules:</c>, compiled.</summary>
/// <param name="config">The entry.</param>
/// <param name="backends">Names of the configured backends, for entries that speak of one.</param>
public sealed class RuleOverride(RuleConfig config, IReadOnlyCollection<string> backends)
{
    private readonly ToolMatcher? _applyTo = config.ApplyToTools.Count > 0 ? new ToolMatcher(config.ApplyToTools, [], backends) : null;
    private readonly ToolMatcher? _exempt = config.ExemptTools.Count > 0 ? new ToolMatcher(config.ExemptTools, [], backends) : null;

    public IReadOnlyList<string> Notify { get; } = config.Notify;

    /// <summary>Whether it speaks about this target. Names are the operator's: the backend's name from the configuration decides, never an annotation.</summary>
    public bool AppliesTo(Target target) =>
        (_applyTo is null || Matches(_applyTo, target)) && (_exempt is null || !Matches(_exempt, target));

    /// <summary>The finding under this override, or null when it is to be ignored.</summary>
    public JudgedFinding? Apply(JudgedFinding finding)
    {
        var severity = config.Severity ?? finding.Severity;
        if (config.Action == RuleOverrideAction.Ignore)
            return null;
        var action = config.Action switch
        {
            RuleOverrideAction.AllowAndFlag => RuleAction.Flag,
            RuleOverrideAction.Redact => RuleAction.Redact,
            RuleOverrideAction.Quarantine => RuleAction.Quarantine,
            RuleOverrideAction.Block => RuleAction.Block,
            _ => config.Severity is null ? finding.Action : Default(severity),
        };
        return finding with { Severity = severity, Action = action };
    }

    /// <summary>What an exempted tool gets: nothing of this rule.</summary>
    public bool Exempts(Target target) => _exempt is not null && Matches(_exempt, target);

    private static bool Matches(ToolMatcher list, Target target) =>
        target.Backend.Length > 0 && list.Allows(target.Name, target.Backend, target.OwnName, target.IsOwnNameUnique);

    private static RuleAction Default(Severity severity) => severity switch
    {
        Severity.Critical => RuleAction.Block,
        Severity.High => RuleAction.Quarantine,
        Severity.Medium => RuleAction.Flag,
        _ => RuleAction.Log,
    };
}
