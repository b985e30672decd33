using System.Globalization;

namespace Oktsec.Scanning.Rules;

/// <summary>Something wrong in a rule file.</summary>
/// <param name="File">The file's name as given.</param>
/// <param name="Line">From 1; 0 when the whole file is meant.</param>
/// <param name="RuleId">The rule, or empty.</param>
/// <param name="Message">What is wrong and what to write.</param>
/// <param name="IsError">The rule is not used; otherwise a warning.</param>
public sealed record RuleProblem(string File, int Line, string RuleId, string Message, bool IsError)
{
    /// <summary>A problem at the place where a rule is defined.</summary>
    public static RuleProblem Of(Rule rule, string message, bool isError)
    {
        var colon = rule.Source.LastIndexOf(':');
        return colon > 0 && int.TryParse(rule.Source.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var line)
            ? new RuleProblem(rule.Source[..colon], line, rule.Id, message, isError)
            : new RuleProblem(rule.Source, 0, rule.Id, message, isError);
    }

    public override string ToString() => $"{File}:{Line}: {(IsError ? "error" : "warning")}: {(RuleId.Length > 0 ? RuleId + ": " : "")}{Message}";
}
