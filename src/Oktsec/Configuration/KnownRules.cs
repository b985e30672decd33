using Oktsec.Core.Configuration;
using Oktsec.Scanning;
using Oktsec.Scanning.Rules;

namespace Oktsec.Configuration;

/// <summary>The rules and categories a configuration may name.</summary>
internal static class KnownRules
{
    /// <param name="customRulesDir">Absolute, or empty.</param>
    public static RuleNames Of(string customRulesDir)
    {
        var rules = RuleSet.BuiltIn();
        return new RuleNames
        {
            FindRule = id => rules.Find(id)?.Id,
            FindCategory = Categories.Canonical,
            RuleIds = [.. rules.All.Select(r => r.Id)],
            Categories = Categories.All,
        };
    }
}
