namespace Oktsec.Scanning.Rules;

/// <summary>Something wrong in a rule file.</summary>
/// <param name="File">The file's name as given.</param>
/// <param name="Line">From 1; 0 when the whole file is meant.</param>
/// <param name="RuleId">The rule, or empty.</param>
/// <param name="Message">What is wrong and what to write.</param>
/// <param name="IsError">The rule is not used; otherwise a warning.</param>
public sealed record RuleProblem(string File, int Line, string RuleId, string Message, bool IsError)
{
    public override string ToString() => $"{File}:{Line}: {(IsError ? "error" : "warning")}: {(RuleId.Length > 0 ? RuleId + ": " : "")}{Message}";
}
