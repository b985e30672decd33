using Oktsec.Scanning;
using Oktsec.Scanning.Rules;

namespace Oktsec.Core.Configuration;

/// <summary>The names that a configuration may use, from the rules that will run.</summary>
public static class RuleCatalog
{
    public static RuleNames NamesOf(RuleSet rules) => new()
    {
        FindRule = id => rules.Find(id)?.Id,
        FindCategory = Categories.Canonical,
        RuleIds = [.. rules.All.Select(rule => rule.Id)],
        Categories = Categories.All,
    };
}
