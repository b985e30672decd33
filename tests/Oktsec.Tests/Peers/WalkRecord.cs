using System.Text.Json.Nodes;

namespace Oktsec.Tests.Peers;

/// <summary>Everything one walk saw: a list of named values, and what the server said by itself.</summary>
internal sealed class WalkRecord
{
    // What a gateway with several backends says for all of them together.
    public const string Initialize = "initialize";
    public const string NothingElse = ": nothing but these";

    private readonly Dictionary<string, string> _values = [];

    public int Count => _values.Count;

    public IReadOnlyList<string> Heard { get; set; } = [];

    /// <summary>Several servers talk on one connection: only progress can be told to be this walk's.</summary>
    public bool IsAmongOthers { get; set; }

    public IEnumerable<string> Keys => _values.Keys;

    public string this[string key] => _values[key];

    public void Add(string key, JsonNode? value) => _values.Add(key, Normalizer.ToText(value));

    public void AssertEqualTo(WalkRecord direct)
    {
        var differences = DifferencesFrom(direct).ToArray();
        // 20: more would only repeat one cause.
        Assert.True(differences.Length == 0, $"{differences.Length} differences:\n" + string.Join('\n', differences.Take(20)));
    }

    /// <summary>Each difference as one readable paragraph.</summary>
    private IEnumerable<string> DifferencesFrom(WalkRecord direct)
    {
        foreach (var (key, expected) in direct._values)
        {
            if (IsAmongOthers && (key == Initialize || key.EndsWith(NothingElse, StringComparison.Ordinal)))
                continue;
            if (!_values.TryGetValue(key, out var actual))
                yield return $"{key}\n  direct:  {expected}\n  gateway: (missing)";
            else if (actual != expected)
                yield return $"{key}\n  direct:  {Around(expected, actual)}\n  gateway: {Around(actual, expected)}";
        }
        foreach (var key in _values.Keys.Except(direct._values.Keys))
            yield return $"{key}\n  direct:  (missing)\n  gateway: {_values[key]}";
        var heard = IsAmongOthers ? HeardTexts.ProgressOf(direct.Heard) : direct.Heard;
        foreach (var missing in Minus(heard, Heard))
            yield return $"heard directly, not through the gateway: {missing}";
        foreach (var extra in Minus(Heard, heard))
            yield return $"heard through the gateway, not directly: {extra}";
    }

    /// <summary>What is in the first list more often than in the second.</summary>
    public static IEnumerable<string> Minus(IEnumerable<string> some, IEnumerable<string> others)
    {
        var counts = others.CountBy(x => x).ToDictionary();
        foreach (var item in some)
        {
            var left = counts.GetValueOrDefault(item);
            if (left == 0)
                yield return item;
            else
                counts[item] = left - 1;
        }
    }

    // Long values: the neighbourhood of the first difference says more than the beginning.
    private static string Around(string text, string other)
    {
        const int room = 300; // a screenful for the pair
        var at = text.Zip(other).TakeWhile(p => p.First == p.Second).Count();
        var start = Math.Max(0, at - (room / 2));
        var end = Math.Min(text.Length, start + room);
        return (start > 0 ? "..." : "") + text[start..end] + (end < text.Length ? "..." : "");
    }
}
