namespace Oktsec.Scanning.Rules;

/// <summary>Whether a rule's examples hold, are enough, differ, and show what only this rule finds.</summary>
internal sealed class ExampleLint(RuleSet among)
{
    public const int Needed = 3;

    // Examples of one sentence with another name in it test one thing twice.
    private const int MinDifferentWords = 2;

    // Enough of an example to know it by.
    private const int ShownLength = 60;

    private readonly ContentScanner scanner = new(among);

    public IEnumerable<string> Check(Rule rule)
    {
        if (rule.TruePositives.Count < Needed)
            yield return $"has {rule.TruePositives.Count} of at least {Needed} 'examples.true_positive': add text it must find";
        if (rule.FalsePositives.Count < Needed)
            yield return $"has {rule.FalsePositives.Count} of at least {Needed} 'examples.false_positive': add ordinary text that comes close and must pass";
        foreach (var problem in Alike(rule.TruePositives).Concat(Alike(rule.FalsePositives)))
            yield return problem;
        if (!Runs(rule))
            yield break;
        var isOnlyOne = false;
        var others = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var example in rule.TruePositives)
        {
            var found = RuleExamples.Scan(scanner, rule, example).Findings.Select(finding => finding.RuleId).ToHashSet(StringComparer.OrdinalIgnoreCase);
            if (!found.Contains(rule.Id))
                yield return $"does not find its own example {Shown(example)}{(found.Count > 0 ? $" (found instead: {string.Join(", ", found)})" : "")}";
            isOnlyOne |= found.Remove(rule.Id) && found.Count == 0;
            others.UnionWith(found);
        }
        if (rule.TruePositives.Count > 0 && !isOnlyOne && others.Count > 0)
            yield return $"adds nothing: each of its true positives is also found by {string.Join(", ", others)}; add one that only this rule finds, or drop the rule";
        foreach (var example in rule.FalsePositives)
            if (RuleExamples.Scan(scanner, rule, example).Findings.FirstOrDefault(finding => finding.RuleId == rule.Id) is { } finding)
                yield return $"finds '{finding.Match}' in its near miss {Shown(example)}";
    }

    private bool Runs(Rule rule) => rule.Where.Count > 0 && rule.Status != "deprecated" && ReferenceEquals(among.Find(rule.Id), rule);

    private static IEnumerable<string> Alike(IReadOnlyList<RuleExample> examples)
    {
        var words = examples.Select(example => Words(example.Text)).ToList();
        for (var i = 0; i < words.Count; i++)
            for (var j = 0; j < i; j++)
                if (Math.Max(Missing(words[i], words[j]), Missing(words[j], words[i])) < MinDifferentWords)
                    yield return $"two examples differ by less than {MinDifferentWords} words: {Shown(examples[j])} and {Shown(examples[i])}";
    }

    // Runs of letters and digits, and runs of anything else but space: of 'rm -rf ~/' and 'rm -fr /' two words differ. Where words are
    // written without spaces between them, a letter counts as one.
    private static Dictionary<string, int> Words(string text)
    {
        var words = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        for (var at = 0; at < text.Length;)
        {
            var start = at;
            var isWord = char.IsLetterOrDigit(text[at]);
            while (at < text.Length && !char.IsWhiteSpace(text[at]) && char.IsLetterOrDigit(text[at]) == isWord && !(at > start && HasNoSpaces(text[at])))
                at++;
            if (at == start)
                at++;
            else
                words[text[start..at]] = words.GetValueOrDefault(text[start..at]) + 1;
        }
        return words;
    }

    // Thai to Myanmar, Khmer, and everything from the CJK radicals on.
    private static bool HasNoSpaces(char c) => c is (>= '\u0E00' and <= '\u109F') or (>= '\u1780' and <= '\u17FF') or >= '\u2E80';

    private static int Missing(Dictionary<string, int> from, Dictionary<string, int> inThis) =>
        from.Sum(word => Math.Max(0, word.Value - inThis.GetValueOrDefault(word.Key)));

    private static string Shown(RuleExample example) =>
        $"'{(example.Text.Length > ShownLength ? string.Concat(example.Text.AsSpan(0, ShownLength), "...") : example.Text).ReplaceLineEndings(" ")}'";
}
