using System.Text;

namespace Oktsec.Scanning.Matching;

/// <summary>
/// The strings with which every match of a pattern, or of its tail, begins. The prefilter looks for four bytes of each; a byte counts as
/// equal in either case (<c>| 0x20</c>), as the prefilter reads text.
/// </summary>
internal static class Literals
{
    public const int GramLength = 4;

    /// <summary>A shorter one, "iex" or "nc ", is looked for with any byte behind it.</summary>
    public const int ShortLength = 3;

    // More grams per branch fill the prefilter's tables for little: hf_[a-z] needs 26, a two-character class 1,296.
    private const int MaxStrings = 160;

    // A gram is chosen inside the first twelve bytes: enough for "instructions" to yield its rarest four.
    private const int MaxLength = 12;

    // One set's characters are listed up to this many: letters and digits are 36 once case is folded.
    private const int MaxSetSize = 40;

    /// <summary>A string that begins a match; open when the next item may still extend it.</summary>
    private readonly record struct Prefix(byte[] Bytes, bool IsOpen);

    /// <summary>A gram and its distance from the start of the tail; a short one has three bytes, the fourth is zero.</summary>
    public readonly record struct Gram(uint Value, int Offset, bool IsShort);

    /// <summary>The grams of the tail that begins at <paramref name="from"/>, or null when some match may begin without one.</summary>
    public static List<Gram>? Find(IReadOnlyList<RegexNode> items, int from, out double cost)
    {
        cost = 0;
        var grams = new List<Gram>();
        foreach (var prefix in Extend(items, from))
        {
            if (prefix.Bytes.Length < ShortLength)
                return null;
            var length = Math.Min(GramLength, prefix.Bytes.Length);
            var best = double.MaxValue;
            var at = 0;
            for (var i = 0; i + length <= prefix.Bytes.Length; i++)
            {
                var frequency = GramFrequency.Of(prefix.Bytes.AsSpan(i, length));
                if (frequency < best)
                    (best, at) = (frequency, i);
            }
            var value = 0u;
            for (var i = 0; i < length; i++)
                value |= (uint)prefix.Bytes[at + i] << (8 * i);
            var gram = new Gram(value, at, length == ShortLength);
            if (grams.Contains(gram))
                continue;
            grams.Add(gram);
            cost += best;
        }
        return grams;
    }

    private static List<Prefix> Extend(IReadOnlyList<RegexNode> items, int from)
    {
        var found = new List<Prefix> { new([], true) };
        for (var i = from; i < items.Count && found.Exists(prefix => prefix.IsOpen); i++)
        {
            var next = Strings(items[i]);
            var isLongEnough = found.TrueForAll(prefix => prefix.Bytes.Length >= GramLength);
            if (next is null || (isLongEnough && next.Count > 4))
                return Closed(found);
            var longer = Cross(found, next);
            if (longer.Count > MaxStrings)
                return Closed(found);
            found = longer;
        }
        return found;
    }

    private static List<Prefix> Closed(List<Prefix> found) => found.ConvertAll(prefix => prefix with { IsOpen = false });

    private static List<Prefix> Cross(List<Prefix> found, List<Prefix> next)
    {
        var result = new Dictionary<string, Prefix>();
        foreach (var prefix in found)
        {
            if (!prefix.IsOpen)
            {
                Keep(result, prefix);
                continue;
            }
            foreach (var tail in next)
            {
                byte[] bytes = [.. prefix.Bytes, .. tail.Bytes];
                var isCut = bytes.Length >= MaxLength;
                Keep(result, new Prefix(isCut ? bytes[..MaxLength] : bytes, tail.IsOpen && !isCut));
            }
        }
        return [.. result.Values];
    }

    private static void Keep(Dictionary<string, Prefix> result, Prefix prefix)
    {
        var key = Convert.ToHexString(prefix.Bytes);
        if (!result.TryGetValue(key, out var known) || (known.IsOpen && !prefix.IsOpen))
            result[key] = prefix;
    }

    // Null when there are too many to list.
    private static List<Prefix>? Strings(RegexNode node)
    {
        switch (node)
        {
            case RegexNode.Set set:
                return Characters(set.Chars);
            case RegexNode.Concat concat:
                return Extend(concat.Items, 0);
            case RegexNode.Group group:
                return Strings(group.Body);
            case RegexNode.Alternate alternate:
                var all = new Dictionary<string, Prefix>();
                foreach (var branch in alternate.Branches)
                {
                    if (Strings(branch) is not { } strings)
                        return null;
                    strings.ForEach(prefix => Keep(all, prefix));
                }
                return all.Count > MaxStrings ? null : [.. all.Values];
            case RegexNode.Repeat repeat:
                return Repeated(repeat);
            default:
                return [new([], true)];
        }
    }

    private static List<Prefix>? Repeated(RegexNode.Repeat repeat)
    {
        if (repeat.Max == 0)
            return [new([], true)];
        if (Strings(repeat.Body) is not { } body)
            return null;
        var found = new List<Prefix> { new([], true) };
        for (var i = 0; i < repeat.Min && found.Exists(prefix => prefix.IsOpen && prefix.Bytes.Length < MaxLength); i++)
        {
            var longer = Cross(found, body);
            if (longer.Count > MaxStrings)
                return Closed(found);
            found = longer;
        }
        if (repeat.Max == repeat.Min)
            return found;
        // Exactly so many, and then what follows; or one more, and then who knows.
        var more = Cross(found, body);
        return [.. found, .. repeat.Max == repeat.Min + 1 ? more : Closed(more)];
    }

    private static List<Prefix>? Characters(CharSet set)
    {
        var size = 0L;
        foreach (var (low, high) in set.Ranges)
            size += high - low + 1;
        if (size > 2 * MaxSetSize)
            return null;
        var strings = new Dictionary<string, Prefix>();
        Span<byte> bytes = stackalloc byte[4];
        foreach (var (low, high) in set.Ranges)
        {
            for (var c = low; c <= high; c++)
            {
                if (!Rune.IsValid(c))
                    continue;
                var length = new Rune(c).EncodeToUtf8(bytes);
                for (var i = 0; i < length; i++)
                    bytes[i] |= 0x20;
                Keep(strings, new Prefix(bytes[..length].ToArray(), true));
            }
        }
        return strings.Count > MaxSetSize ? null : [.. strings.Values];
    }
}
