using Oktsec.Core.Policy;
using Oktsec.Scanning;

namespace Oktsec.Core.Pipeline.Checks;

/// <summary>Denies arguments with a finding of medium severity or above in a category the agent refuses (<c>blocked_content</c>).</summary>
/// <remarks>On results the rule's own action applies: a redacted secret serves the agent better than no answer. The denial is an offence like any other block.</remarks>
internal sealed class BlockedContentCheck(Offences offences) : ICheck
{
    public string Name => "blocked_content";

    public CheckResult Evaluate(CallContext call)
    {
        if (call.Findings.Count == 0 || call.Place != Place.Arguments || call.Policy is not { BlockedCategories.Count: > 0 } policy)
            return CheckResult.Continue;
        foreach (var finding in call.Findings)
        {
            if (finding.Severity < Severity.Medium || !IsRefused(policy.BlockedCategories, finding.Finding))
                continue;
            offences.Add(call.Principal, call.Timestamp);
            return CheckResult.Deny(DenyReason.ContentBlocked, $"{finding.Finding.Category} is in this agent's blocked_content");
        }
        return CheckResult.Continue;
    }

    private static bool IsRefused(IReadOnlySet<string> categories, Finding finding)
    {
        if (categories.Contains(finding.Category))
            return true;
        foreach (var also in finding.AlsoCategories)
        {
            if (categories.Contains(also))
                return true;
        }
        return false;
    }
}
