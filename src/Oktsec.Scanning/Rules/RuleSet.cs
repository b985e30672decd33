using Oktsec.Scanning.Matching;

namespace Oktsec.Scanning.Rules;

/// <summary>Compiled, immutable rules. Shared by all threads; a reload builds a new one.</summary>
public sealed class RuleSet
{
    private static readonly Lazy<RuleSet> Embedded = new(LoadEmbedded);

    private readonly Lazy<Rule[]> all;
    private readonly Lazy<Dictionary<string, Rule>> byName;
    private readonly Lazy<PlaceRules>[] places;

    private RuleSet(IReadOnlyList<Rule> rules, RuleCompiler compiled)
        : this(rules, new Lazily<CompiledPattern>([.. compiled.Patterns]), new Lazily<Branch>([.. compiled.Branches]), [.. compiled.FirstPatterns]) =>
        places = [new(() => compiled.At(Place.Arguments)), new(() => compiled.At(Place.Definition)), new(() => compiled.At(Place.Result))];

    private RuleSet(PackedRules packed) : this(packed.Rules, packed.Patterns, packed.Branches, packed.FirstPatterns) =>
        places = [new(packed.At(Place.Arguments)), new(packed.At(Place.Definition)), new(packed.At(Place.Result))];

    private RuleSet(IReadOnlyList<Rule> rules, Lazily<CompiledPattern> patterns, Lazily<Branch> branches, int[] firstPatterns)
    {
        (InOrder, Patterns, Branches, FirstPatterns, places) = (rules, patterns, branches, firstPatterns, []);
        all = new(() => [.. rules.OrderBy(rule => rule.Id, StringComparer.Ordinal)]);
        byName = new(() => Names(rules));
    }

    /// <summary>All rules, by id.</summary>
    public IReadOnlyList<Rule> All => all.Value;

    /// <summary>All rules, as they were compiled.</summary>
    internal IReadOnlyList<Rule> InOrder { get; }

    internal Lazily<CompiledPattern> Patterns { get; }

    internal Lazily<Branch> Branches { get; }

    /// <summary>The number of each rule's first pattern, by the rule's index.</summary>
    internal int[] FirstPatterns { get; }

    /// <summary>Above every rule's index.</summary>
    internal int RuleCount => FirstPatterns.Length;

    /// <summary>The rules embedded in this assembly.</summary>
    public static RuleSet BuiltIn() => Embedded.Value;

    /// <summary>Compiles rules. A rule that cannot be used is left out and reported; of two with one id the later replaces the earlier and that is reported.</summary>
    public static RuleSet Create(IEnumerable<Rule> rules, out IReadOnlyList<RuleProblem> problems)
    {
        var found = new List<RuleProblem>();
        var byId = new Dictionary<string, Rule>(StringComparer.OrdinalIgnoreCase);
        foreach (var rule in rules)
        {
            if (byId.TryGetValue(rule.Id, out var other))
                found.Add(RuleProblem.Of(rule, $"replaces the rule of the same id from {other.Source}", isError: !rule.IsCustom));
            byId[rule.Id] = rule;
        }
        var compiler = new RuleCompiler();
        var usable = byId.Values.Where(rule => rule.Status != "deprecated" && rule.Where.Count > 0 && compiler.TryAdd(rule, found)).ToList();
        problems = found;
        return new RuleSet(usable, compiler);
    }

    /// <summary>These rules and a user's: the user's add, and replace only where they carry the same id.</summary>
    public RuleSet With(IEnumerable<Rule> custom, out IReadOnlyList<RuleProblem> problems)
    {
        // Made before, our own patterns are found again with their anchors (TextPattern).
        foreach (var _ in Branches)
        {
        }
        return Create(All.Concat(custom), out problems);
    }

    /// <summary>The rule of an id or alias (<c>PI-001</c>, <c>PROMPT_INJECTION_001</c>), or null.</summary>
    public Rule? Find(string idOrAlias) => byName.Value.GetValueOrDefault(idOrAlias.Trim());

    /// <summary>The patterns whose anchors are so common, or missing, that every scan pays for them; with what they cost a byte of ordinary text.</summary>
    public IEnumerable<(Rule Rule, RulePattern Pattern, double StepsPerByte)> Costly(double above) =>
        Branches.Where(branch => branch.Pattern >= 0 && branch.Alternative.ExpectedSteps > above)
            .Select(branch => (Patterns[branch.Pattern].Rule.Rule, Patterns[branch.Pattern].Rule.Rule.Patterns[Patterns[branch.Pattern].Number], branch.Alternative.ExpectedSteps));

    /// <summary>Gets the indexes ready that the first scan of each place would otherwise wait for. For a set that takes over under traffic.</summary>
    public void Prepare()
    {
        foreach (var place in places)
            _ = place.Value;
    }

    /// <summary>The condition of a rule that has one.</summary>
    internal RuleCondition ConditionOf(int rule) => Patterns[FirstPatterns[rule]].Rule.Condition!;

    internal PlaceRules At(Place place) => places[(int)place].Value;

    internal static string[] EmbeddedNames()
    {
        var names = Array.FindAll(typeof(RuleSet).Assembly.GetManifestResourceNames(), name => name.StartsWith("rules/", StringComparison.Ordinal));
        Array.Sort(names, StringComparer.Ordinal);
        return names;
    }

    /// <summary>The embedded files as (name, text).</summary>
    internal static IEnumerable<(string Name, string Text)> EmbeddedFiles()
    {
        var assembly = typeof(RuleSet).Assembly;
        foreach (var name in EmbeddedNames())
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
            yield return (name, reader.ReadToEnd());
        }
    }

    /// <summary>The embedded files, read: with everything they say.</summary>
    internal static List<Rule> ReadEmbedded()
    {
        var rules = new List<Rule>();
        foreach (var (name, text) in EmbeddedFiles())
        {
            var reader = new RuleReader(name, isCustom: false);
            rules.AddRange(reader.Read(text));
            ThrowIfBroken(reader.Problems);
        }
        return rules;
    }

    private static RuleSet LoadEmbedded()
    {
        if (RulePack.Read() is { } pack)
            return Of(pack);
        var set = Create(ReadEmbedded(), out var problems);
        ThrowIfBroken(problems);
        return set;
    }

    internal static RuleSet Of(PackedRules packed) => new(packed);

    private static Dictionary<string, Rule> Names(IReadOnlyList<Rule> rules)
    {
        var names = new Dictionary<string, Rule>(StringComparer.OrdinalIgnoreCase);
        foreach (var rule in rules)
            foreach (var alias in rule.Aliases)
                names.TryAdd(alias, rule);
        foreach (var rule in rules)
            names[rule.Id] = rule;
        return names;
    }

    // A rule that ships and does not load is a build that must not run: half a rule pack looks like a whole one.
    private static void ThrowIfBroken(IReadOnlyList<RuleProblem> problems)
    {
        foreach (var problem in problems)
            if (problem.IsError)
                throw new InvalidOperationException(problem.ToString());
    }
}
