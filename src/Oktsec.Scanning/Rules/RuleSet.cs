namespace Oktsec.Scanning.Rules;

/// <summary>Compiled, immutable rules. Shared by all threads; a reload builds a new one.</summary>
public sealed class RuleSet
{
    /// <summary>The rules embedded in this assembly.</summary>
    public static RuleSet BuiltIn() => throw new NotImplementedException();

    /// <summary>All rules, by id.</summary>
    public IReadOnlyList<Rule> All => throw new NotImplementedException();

    /// <summary>The rule of an id or alias (<c>PI-001</c>, <c>PROMPT_INJECTION_001</c>), or null.</summary>
    public Rule? Find(string idOrAlias) => throw new NotImplementedException();
}
