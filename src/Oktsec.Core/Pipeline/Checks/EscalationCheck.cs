using Oktsec.Core.Policy;
using Oktsec.Scanning;

namespace Oktsec.Core.Pipeline.Checks;

/// <summary>Raises what a repeat offender's arguments get: after 3 offences in an hour flag becomes quarantine, after 5 quarantine becomes block.</summary>
/// <remarks>Only argument findings count: a hostile result must not suspend its victim. What a redaction or removal makes harmless is not raised.</remarks>
internal sealed class EscalationCheck(Offences offences) : ICheck
{
    public string Name => "escalation";

    public CheckResult Evaluate(CallContext call)
    {
        if (call.Findings.Count == 0 || call.Place != Place.Arguments)
            return CheckResult.Continue;
        var earlier = offences.Count(call.Principal, call.Timestamp);
        if (earlier >= Offences.RaisesFlag)
            call.Findings = [.. call.Findings.Select(f => f with { Action = Raise(f.Action, earlier) })];
        if (Verdicts.Of(call.Findings) >= Verdict.Quarantine)
            offences.Add(call.Principal, call.Timestamp);
        return CheckResult.Continue;
    }

    private static RuleAction Raise(RuleAction action, int earlier) => action switch
    {
        RuleAction.Flag => Raise(RuleAction.Quarantine, earlier),
        RuleAction.Quarantine when earlier >= Offences.RaisesQuarantine => RuleAction.Block,
        _ => action,
    };
}
