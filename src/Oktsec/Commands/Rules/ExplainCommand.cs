using System.CommandLine;
using Oktsec.Scanning.Rules;

namespace Oktsec.Commands.Rules;

/// <summary><c>oktsec rules explain ID</c></summary>
internal static class ExplainCommand
{
    // As many close names as one reads.
    private const int MaxSuggestions = 3;

    public static Command Create()
    {
        var options = new RuleOptions();
        var id = new Argument<string>("id") { Description = "A rule's id, alias or name: PI-001, PROMPT_INJECTION_001, prompt_injection" };
        var json = new Option<bool>("--json") { Description = "One JSON object" };
        var command = new Command("explain", "Say what a rule finds, why, what happens then, and how to except it narrowly.") { id, json };
        options.AddTo(command);
        command.SetAction(parsed =>
        {
            if (options.Load(parsed) is not { } rules)
                return ExitCodes.Usage;
            var name = parsed.GetValue(id)!;
            if ((rules.Find(name) ?? rules.All.FirstOrDefault(rule => rule.Name.Equals(name, StringComparison.OrdinalIgnoreCase))) is not { } rule)
            {
                parsed.InvocationConfiguration.Error.WriteLine($"oktsec: no rule is called {TerminalText.Escape(name)}{Close(rules, name)}; oktsec rules lists them");
                return ExitCodes.Usage;
            }
            if (parsed.GetValue(json))
                RuleJson.WriteOne(rule, parsed.InvocationConfiguration.Output);
            else
                new RuleExplanation(parsed.InvocationConfiguration.Output, Ink.ForOutput()).Write(rule);
            return ExitCodes.Fine;
        });
        return command;
    }

    // The same prefix, or a part of the name.
    private static string Close(RuleSet rules, string name)
    {
        var prefix = name.Split('-')[0] + "-";
        var close = rules.All.Where(rule => rule.Id.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) || rule.Name.Contains(name, StringComparison.OrdinalIgnoreCase))
            .OrderByDescending(rule => rule.Id.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)).Take(MaxSuggestions).Select(rule => TerminalText.Escape(rule.Id)).ToList();
        return close.Count > 0 ? $"; close are {string.Join(", ", close)}" : "";
    }
}
