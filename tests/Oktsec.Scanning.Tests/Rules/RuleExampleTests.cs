using System.Text;
using Oktsec.Scanning.Fields;
using Oktsec.Scanning.Rules;

namespace Oktsec.Scanning.Tests.Rules;

/// <summary>Every rule's own examples, run one rule at a time by id.</summary>
public sealed class RuleExampleTests
{
    private static readonly ContentScanner Scanner = new(RuleSet.BuiltIn());

    public static TheoryData<string> Rules => [.. RuleSet.BuiltIn().All.Select(rule => rule.Id)];

    [Theory]
    [MemberData(nameof(Rules))]
    public void Rule_ItsTruePositives_AreFound(string id)
    {
        var rule = RuleSet.BuiltIn().Find(id)!;
        Assert.True(rule.TruePositives.Count >= 3, "a rule needs three true positives");
        Assert.All(rule.TruePositives, example => Assert.Contains(Scan(rule, example).Findings, finding => finding.RuleId == id));
    }

    [Theory]
    [MemberData(nameof(Rules))]
    public void Rule_ItsNearMisses_ArePassed(string id)
    {
        var rule = RuleSet.BuiltIn().Find(id)!;
        Assert.True(rule.FalsePositives.Count >= 3, "a rule needs three near misses");
        Assert.All(rule.FalsePositives, example => Assert.DoesNotContain(Scan(rule, example).Findings, finding => finding.RuleId == id));
    }

    private static ScanResult Scan(Rule rule, RuleExample example) => RuleExamples.Scan(Scanner, rule, example);
}
