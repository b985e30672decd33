using System.Text;
using Oktsec.Scanning.Matching;
using Oktsec.Scanning.Validators;
using Oktsec.Scanning.Views;

namespace Oktsec.Scanning.Rules;

/// <summary>Turns rules into branches and indexes.</summary>
internal sealed class RuleCompiler
{
    private readonly List<CompiledPattern> patterns = [];
    private readonly List<Branch> branches = [];
    private readonly List<(int Pattern, Detector Detector)> detectors = [];

    public RuleCompiler()
    {
        foreach (var gate in WordGates.Create())
            Add(gate);
    }

    public IReadOnlyList<CompiledPattern> Patterns => patterns;

    public IReadOnlyList<Branch> Branches => branches;

    /// <summary>False when the rule cannot be used; the reason is added to the problems.</summary>
    public bool TryAdd(Rule rule, List<RuleProblem> problems)
    {
        var (patternCount, branchCount, detectorCount) = (patterns.Count, branches.Count, detectors.Count);
        try
        {
            Add(rule);
            return true;
        }
        catch (Exception e) when (e is PatternException or FormatException)
        {
            patterns.RemoveRange(patternCount, patterns.Count - patternCount);
            branches.RemoveRange(branchCount, branches.Count - branchCount);
            detectors.RemoveRange(detectorCount, detectors.Count - detectorCount);
            problems.Add(new RuleProblem(rule.Source, 0, rule.Id, e.Message, true));
            return false;
        }
    }

    public PlaceRules At(Place place)
    {
        bool Applies(int pattern) => patterns[pattern].Rule.Rule.Where.Contains(place);
        List<Branch> Of(PatternView view) => branches.FindAll(branch => branch.Pattern < 0 ? view == PatternView.Folded : patterns[branch.Pattern].View == view && Applies(branch.Pattern));
        return new PlaceRules(Of(PatternView.Raw), Of(PatternView.Folded), detectors.FindAll(detector => Applies(detector.Pattern)));
    }

    private void Add(Rule rule)
    {
        var compiled = new CompiledRule
        {
            Rule = rule,
            Index = patterns.Count > 0 ? patterns[^1].Rule.Index + 1 : 0,
            Condition = rule.Condition.Length > 0 ? RuleCondition.Parse(rule.Condition, rule.Patterns) : null,
            Validators = [.. rule.Validators.Select(name => Validator.Find(name) ?? throw new FormatException($"unknown validator '{name}'; one of {string.Join(", ", Validator.Names)}"))],
            Excludes = [.. rule.Excludes.Select(exclude => new LazyDfa(Nfa.Compile(Tree(exclude)), isAnchored: false, isShortest: true))],
        };
        for (var i = 0; i < rule.Patterns.Count; i++)
        {
            var pattern = rule.Patterns[i];
            patterns.Add(new CompiledPattern(compiled, i, pattern.View));
            if (pattern.Type == PatternType.Detect)
                detectors.Add((patterns.Count - 1, Detector.Find(pattern.Value) ?? throw new FormatException($"unknown detector '{pattern.Value}'; one of {string.Join(", ", Detector.Names)}")));
            else
                foreach (var branch in Branch.Of(patterns.Count - 1, Tree(pattern)))
                    Add(branch);
        }
    }

    private void Add(Branch branch)
    {
        branch.Index = branches.Count;
        branches.Add(branch);
    }

    private static RegexNode Tree(RulePattern pattern)
    {
        var folded = pattern.View == PatternView.Folded;
        return pattern.Type switch
        {
            PatternType.Contains => RegexParser.Parse(Quote(pattern.Value), folded, ignoreCase: true),
            PatternType.Word => RegexParser.Parse($@"\b{Quote(pattern.Value)}\b", folded, ignoreCase: true),
            _ => RegexParser.Parse(pattern.Value, folded),
        };
    }

    private static string Quote(string text)
    {
        var quoted = new StringBuilder();
        foreach (var c in text)
        {
            if (char.IsAscii(c) && !char.IsAsciiLetterOrDigit(c) && c != ' ')
                quoted.Append('\\');
            quoted.Append(c);
        }
        return quoted.ToString();
    }
}
