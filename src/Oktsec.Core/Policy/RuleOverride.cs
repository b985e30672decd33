using Oktsec.Core.Configuration;
using Oktsec.Core.Pipeline;
using Oktsec.Scanning;

namespace Oktsec.Core.Policy;

/// <summary>Whether an override counts for a target.</summary>
public enum Reach : byte
{
    No,

    /// <summary>A name that some server chose would decide: the stronger of with and without counts.</summary>
    Doubtful,

    Yes,
}

/// <summary>One entry of <c>rules:</c>, compiled.</summary>
/// <param name="config">The entry.</param>
/// <param name="backends">Names of all configured backends.</param>
public sealed class RuleOverride(RuleConfig config, IReadOnlyCollection<string> backends)
{
    private readonly NamePattern[] _applyTo = [.. config.ApplyToTools.Select(p => new NamePattern(p, backends))];
    private readonly NamePattern[] _exempt = [.. config.ExemptTools.Select(p => new NamePattern(p, backends))];

    public IReadOnlyList<string> Notify { get; } = config.Notify;

    /// <summary>Whether it is limited to some tools; such entries come after the one for all tools.</summary>
    public bool IsForSomeTools => _applyTo.Length > 0;

    /// <summary>Whether it counts for this target: among <c>apply_to_tools</c> (absent: everything) and not among <c>exempt_tools</c>.</summary>
    public Reach Reaches(Target target)
    {
        var applies = _applyTo.Length == 0 ? Reach.Yes : Lists(_applyTo, target);
        var isExempt = Lists(_exempt, target);
        return applies == Reach.No || isExempt == Reach.Yes ? Reach.No
            : applies == Reach.Yes && isExempt == Reach.No ? Reach.Yes
            : Reach.Doubtful;
    }

    /// <summary>The finding under this override, or null when it is to be ignored.</summary>
    public JudgedFinding? Apply(JudgedFinding finding)
    {
        if (config.Action == RuleOverrideAction.Ignore)
            return null;
        var severity = config.Severity ?? finding.Severity;
        var action = config.Action switch
        {
            RuleOverrideAction.AllowAndFlag => RuleAction.Flag,
            RuleOverrideAction.Redact => RuleAction.Redact,
            RuleOverrideAction.Quarantine => RuleAction.Quarantine,
            RuleOverrideAction.Block => RuleAction.Block,
            // A severity alone: what is taken out of a result stays taken out, whatever it weighs.
            _ => config.Severity is null || finding.Action is RuleAction.Redact or RuleAction.Strip ? finding.Action : Default(severity),
        };
        return finding with { Severity = severity, Action = action };
    }

    /// <summary>Whether it says what becomes of a finding; otherwise it only notifies.</summary>
    public bool ChangesFindings => config.Action is not null || config.Severity is not null;

    private static Reach Lists(NamePattern[] list, Target target)
    {
        var reach = Reach.No;
        foreach (var entry in list)
        {
            // Tools only: a prompt or resource of the same server is not what the operator named, but near enough for doubt.
            if (entry.IsSure && target.Kind == TargetKind.Tool && target.Exists && entry.Means(target.Name, target.Backend, target.OwnName, target.IsOwnNameUnique))
                return Reach.Yes;
            if (target.Backend.Length > 0 && entry.Touches(target.Name, target.Backend, target.OwnName))
                reach = Reach.Doubtful;
        }
        return reach;
    }

    private static RuleAction Default(Severity severity) => severity switch
    {
        Severity.Critical => RuleAction.Block,
        Severity.High => RuleAction.Quarantine,
        Severity.Medium => RuleAction.Flag,
        _ => RuleAction.Log,
    };
}
