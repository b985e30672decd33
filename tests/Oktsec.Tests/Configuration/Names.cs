using Oktsec.Configuration;
using Oktsec.Core.Configuration;

namespace Oktsec.Tests.Configuration;

internal static class Names
{
    /// <summary>This machine, with one rule and one category.</summary>
    public static ConfigEnvironment Environment { get; } = MachineEnvironment.With(_ => new RuleNames
    {
        FindRule = id => id == "PI-001" ? id : null,
        FindCategory = name => name == "credentials" ? name : null,
        RuleIds = ["PI-001"],
        Categories = ["credentials"],
    });
}
