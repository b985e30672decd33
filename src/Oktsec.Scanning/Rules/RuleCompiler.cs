using System.Text;
using Oktsec.Scanning.Definitions;
using Oktsec.Scanning.Matching;
using Oktsec.Scanning.Parsers;
using Oktsec.Scanning.Validators;
using Oktsec.Scanning.Views;

namespace Oktsec.Scanning.Rules;

/// <summary>Turns rules into branches and indexes.</summary>
internal sealed class RuleCompiler
{
    private readonly List<CompiledPattern> patterns = [];
    private readonly List<Branch> branches = [];
    private readonly List<DetectorRule> detectors = [];
    private readonly List<FactRule> facts = [];
    private readonly List<DefinitionRule> definitions = [];
    private readonly List<int> firstPatterns = [];

    public RuleCompiler() => WordGates.AddTo(Add, null);

    public IReadOnlyList<CompiledPattern> Patterns => patterns;

    public IReadOnlyList<Branch> Branches => branches;

    /// <summary>The number of each rule's first pattern, by the rule's index.</summary>
    public IReadOnlyList<int> FirstPatterns => firstPatterns;

    /// <summary>False when the rule cannot be used; the reason is added to the problems.</summary>
    public bool TryAdd(Rule rule, List<RuleProblem> problems)
    {
        var (ruleCount, patternCount, branchCount, detectorCount, factCount, definitionCount) =
            (firstPatterns.Count, patterns.Count, branches.Count, detectors.Count, facts.Count, definitions.Count);
        try
        {
            Add(rule);
            if (rule.IsCustom && branches.Skip(branchCount).Any(branch => branch.Alternative.Grams.Length == 0))
                problems.Add(RuleProblem.Of(rule, "has no text to look for and reads every byte; 'oktsec rules lint' names the pattern", isError: false));
            return true;
        }
        catch (Exception e) when (e is PatternException or FormatException)
        {
            firstPatterns.RemoveRange(ruleCount, firstPatterns.Count - ruleCount);
            patterns.RemoveRange(patternCount, patterns.Count - patternCount);
            branches.RemoveRange(branchCount, branches.Count - branchCount);
            detectors.RemoveRange(detectorCount, detectors.Count - detectorCount);
            facts.RemoveRange(factCount, facts.Count - factCount);
            definitions.RemoveRange(definitionCount, definitions.Count - definitionCount);
            problems.Add(RuleProblem.Of(rule, e.Message, isError: true));
            return false;
        }
    }

    public PlaceRules At(Place place)
    {
        bool Applies(int pattern) => patterns[pattern].Rule.Rule.Where.Contains(place);
        List<Branch> Of(PatternView view) => branches.FindAll(branch => branch.Pattern < 0 ? view == PatternView.Folded : patterns[branch.Pattern].View == view && Applies(branch.Pattern));
        // What a text names is checked where it is used: commands, statements, paths and addresses on their way to a backend.
        FactRule[] Facts(FactLanguage language) =>
            place == Place.Arguments ? [.. facts.FindAll(fact => fact.Language == language && Applies(fact.Pattern))] : [];
        return new PlaceRules(patterns, Of(PatternView.Raw), Of(PatternView.Folded), [.. detectors.FindAll(detector => Applies(detector.Pattern))],
            [Facts(FactLanguage.Shell), Facts(FactLanguage.Sql), Facts(FactLanguage.Path), Facts(FactLanguage.Url), Facts(FactLanguage.Injection)], place == Place.Definition ? [.. definitions.FindAll(check => Applies(check.Pattern))] : []);
    }

    private void Add(Rule rule)
    {
        var compiled = Compile(rule, firstPatterns.Count, null);
        if (rule.Patterns.Count > 0)
            firstPatterns.Add(patterns.Count);
        for (var i = 0; i < rule.Patterns.Count; i++)
        {
            var pattern = rule.Patterns[i];
            patterns.Add(Compile(compiled, i));
            if (LanguageOf(pattern.Type) is { } language)
                facts.Add(new FactRule(patterns.Count - 1, language, patterns[^1].Predicate!));
            else if (pattern.Type == PatternType.Definition)
                definitions.Add(new DefinitionRule(patterns.Count - 1, DefinitionCheck.Named(pattern.Value) ?? throw new FormatException($"unknown check '{pattern.Value}'; one of {string.Join(", ", DefinitionCheck.Names)}")));
            else if (pattern.Type == PatternType.Detect)
                detectors.Add(new DetectorRule(patterns.Count - 1, Detector.Find(pattern.Value) ?? throw new FormatException($"unknown detector '{pattern.Value}'; one of {string.Join(", ", Detector.Names)}")));
            else
                foreach (var alternative in Text(pattern, null).Alternatives)
                    Add(patterns.Count - 1, alternative);
        }
    }

    /// <summary>A rule by itself.</summary>
    /// <param name="rule">What its file says.</param>
    /// <param name="index">Its own in the rule set.</param>
    /// <param name="anchors">Of patterns whose anchors were found beforehand.</param>
    public static CompiledRule Compile(Rule rule, int index, KnownAnchors? anchors) => new()
    {
        Rule = rule,
        Index = index,
        Condition = rule.Condition.Length > 0 ? RuleCondition.Parse(rule.Condition, rule.Patterns) : null,
        Validators = Validators(rule.Validators),
        Excludes = [.. rule.Excludes.SelectMany(exclude => Text(exclude, anchors).Alternatives)],
    };

    /// <summary>One of its patterns.</summary>
    public static CompiledPattern Compile(CompiledRule rule, int number)
    {
        var pattern = rule.Rule.Patterns[number];
        var predicate = LanguageOf(pattern.Type) is null ? null : FactPredicate.Parse(pattern.Value);
        return new CompiledPattern(rule, number, pattern.View, Validators(pattern.Validators), predicate);
    }

    private static Validator[] Validators(IReadOnlyList<string> names) =>
        [.. names.Select(name => Validator.Find(name) ?? throw new FormatException($"unknown validator '{name}'; one of {string.Join(", ", Validator.Names)}"))];

    private void Add(int pattern, Alternative alternative) => branches.Add(new Branch(pattern, branches.Count, alternative));

    /// <summary>A pattern of text.</summary>
    public static TextPattern Text(RulePattern pattern, KnownAnchors? anchors) => TextPattern.Of(pattern.Type, pattern.Value, pattern.View == PatternView.Folded, () => Tree(pattern), anchors?.Of(pattern));

    private static FactLanguage? LanguageOf(PatternType type) => type switch
    {
        PatternType.Shell => FactLanguage.Shell,
        PatternType.Sql => FactLanguage.Sql,
        PatternType.Path => FactLanguage.Path,
        PatternType.Url => FactLanguage.Url,
        PatternType.Injection => FactLanguage.Injection,
        _ => null,
    };

    /// <exception cref="PatternException">Not an expression this engine can run.</exception>
    internal static RegexNode Tree(RulePattern pattern)
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
