using System.Text;
using System.Text.RegularExpressions;
using Oktsec.Scanning;
using Oktsec.Scanning.Rules;
using Oktsec.Scanning.Tests.Matching;
using Oktsec.Scanning.Views;

namespace Oktsec.Benchmarks.Scanning;

/// <summary>What a scanner without an engine does: every pattern over the whole of its view.</summary>
internal sealed class RegexLoop
{
    private readonly Dictionary<Place, (Regex Regex, bool Folded)[]> regexes = [];

    public RegexLoop(RuleSet rules)
    {
        var compiled = new Dictionary<RulePattern, Regex>();
        foreach (var place in Enum.GetValues<Place>())
        {
            regexes[place] = [.. rules.All.Where(rule => rule.Where.Contains(place)).SelectMany(rule => rule.Patterns).Where(pattern => pattern.Type is PatternType.Regex or PatternType.Contains or PatternType.Word)
                .Select(pattern => (compiled.TryGetValue(pattern, out var known) ? known : compiled[pattern] = DotNetPattern.Compile(pattern, RegexOptions.Compiled), pattern.View == PatternView.Folded))];
        }
    }

    public int Run(Place place, (string Raw, string Folded) views)
    {
        var found = 0;
        foreach (var (regex, folded) in regexes[place])
            found += regex.IsMatch(folded ? views.Folded : views.Raw) ? 1 : 0;
        return found;
    }

    /// <summary>What both read: the text as it stands and folded.</summary>
    public static (string Raw, string Folded) Views(byte[] bytes)
    {
        var folded = new byte[bytes.Length + 64];
        var length = UnicodeFold.Fold(bytes, 0, bytes.Length, folded);
        return (Encoding.UTF8.GetString(bytes), Encoding.UTF8.GetString(folded, 0, length));
    }
}
