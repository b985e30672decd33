using Oktsec.Scanning;
using Oktsec.Scanning.Rules;

namespace Oktsec.Commands;

/// <summary>
/// The built-in rules take longest to be ready. Commands that will judge something have them made on a thread of their own, while the command line, the
/// configuration and the store are read.
/// </summary>
internal static class EarlyRules
{
    /// <summary>The places that a command scans, in the order in which it will want them; none for a command that scans nothing.</summary>
    public static ReadOnlySpan<Place> Of(string[] args) => args.FirstOrDefault() switch
    {
        // One event, and before a tool runs as a rule.
        "hook" => [Place.Arguments],
        // Lists come first, then calls.
        "proxy" or "gateway" or "run" or "demo" => [Place.Definition, Place.Arguments, Place.Result],
        _ => [],
    };

    public static void Begin(string[] args)
    {
        var places = Of(args).ToArray();
        if (places.Length > 0)
            new Thread(() => Make(places)) { IsBackground = true, Name = "oktsec rules" }.Start();
    }

    private static void Make(Place[] places)
    {
        try
        {
            foreach (var place in places)
                RuleSet.BuiltIn().Prepare(place);
        }
        catch (Exception) // Whoever needs the rules is told of it by the same exception, and says so.
        {
        }
    }
}
