using System.CommandLine;
using Oktsec.Benchmarks.Measure;
using Oktsec.Scanning.Rules;

namespace Oktsec.Benchmarks.Scanning;

/// <summary><c>reload</c>: a thousand of a user's own rules read, compiled and made ready; all new, then all the same but one.</summary>
internal static class ReloadCommand
{
    private const int Count = 1000;

    public static Command Create()
    {
        var rounds = new Option<int>("--rounds") { Description = "Reloads of each kind; the median counts", DefaultValueFactory = _ => 7 };
        var command = new Command("reload", "Measures a reload of 1,000 custom rules") { rounds };
        command.SetAction(parsed => Run(parsed.InvocationConfiguration.Output, parsed.GetValue(rounds)));
        return command;
    }

    private static void Run(TextWriter output, int rounds)
    {
        output.WriteLine(Machine.Current());
        var texts = RuleSet.EmbeddedFiles().ToList();
        output.WriteLine($"{"reload",-28} {"rules",6} {"patterns",9} {"ms of processor time",21}");
        // The set in use stays in use until the next has taken over, as in the gateway.
        RuleSet? inUse = null;
        var generation = 0;
        foreach (var (name, isNew) in (ReadOnlySpan<(string, bool)>)[("first", true), ("all rules changed", true), ("one rule changed", false)])
        {
            var times = new List<double>();
            var patterns = 0;
            for (var round = 0; round < (name == "first" ? 1 : rounds); round++)
            {
                generation += isNew ? 1 : 0;
                var start = ThreadTime.Microseconds;
                var rules = Read(texts, generation, isNew ? 0 : round + 1);
                inUse = RuleSet.BuiltIn().With(rules, out _);
                inUse.Prepare();
                times.Add((ThreadTime.Microseconds - start) / 1000);
                patterns = rules.Sum(rule => rule.Patterns.Count);
            }
            times.Sort();
            output.WriteLine($"{name,-28} {Count,6} {patterns,9} {times[times.Count / 2],21:F0}");
        }
        GC.KeepAlive(inUse);
    }

    // The pack's own rules, twice, each pattern with a tail that makes it another.
    private static List<Rule> Read(List<(string Name, string Text)> texts, int generation, int change)
    {
        var rules = new List<Rule>();
        for (var copy = 0; copy < 2; copy++)
        {
            foreach (var (name, text) in texts)
                foreach (var rule in new RuleReader(name, isCustom: true).Read(text))
                    rules.Add(rule with { Id = $"{rule.Id}-{copy}", Patterns = [.. rule.Patterns.Select(pattern => Changed(pattern, $"{copy}x{generation}"))] });
        }
        rules.RemoveRange(Count, rules.Count - Count);
        if (change > 0)
            rules[0] = rules[0] with { Patterns = [.. rules[0].Patterns.Select(pattern => Changed(pattern, $"y{change}"))] };
        return rules;
    }

    private static RulePattern Changed(RulePattern pattern, string tail) =>
        pattern.Type == PatternType.Regex ? pattern with { Value = $"(?:{pattern.Value})(?:{tail})?" } : pattern;
}
