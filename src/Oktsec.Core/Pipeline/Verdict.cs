using Oktsec.Scanning;

namespace Oktsec.Core.Pipeline;

/// <summary>What the content deserves, ordered by strength.</summary>
public enum Verdict : byte
{
    Clean,
    Flag,
    Quarantine,
    Block,
}

/// <summary>From actions to the verdict: the strongest action counts.</summary>
internal static class Verdicts
{
    public static Verdict Of(RuleAction action) => action switch
    {
        RuleAction.Block => Verdict.Block,
        RuleAction.Quarantine => Verdict.Quarantine,
        RuleAction.Log => Verdict.Clean,
        _ => Verdict.Flag,
    };

    // What is to be taken out but stands nowhere cannot be taken out: delivering it as it is would be a redaction that did not happen.
    private static Verdict Of(JudgedFinding finding) =>
        finding.Action is RuleAction.Redact or RuleAction.Strip && finding.Finding.Length == 0 ? Verdict.Quarantine : Of(finding.Action);

    public static Verdict Of(IReadOnlyList<JudgedFinding> findings)
    {
        var worst = Verdict.Clean;
        for (var i = 0; i < findings.Count; i++)
        {
            var verdict = Of(findings[i]);
            if (verdict > worst)
                worst = verdict;
        }
        return worst;
    }
}
