using System.Text;

namespace Oktsec.Scanning.Matching;

/// <summary>
/// The strings with which every match of a pattern, or of its tail, begins. The prefilter looks for four bytes of each; a byte counts as
/// equal in either case (<c>| 0x20</c>), as the prefilter reads text.
/// </summary>
internal sealed class Literals
{
    public const int GramLength = 4;

    /// <summary>A shorter one, "iex" or "nc ", is looked for with any byte behind it.</summary>
    public const int ShortLength = 3;

    // More grams per branch fill the prefilter's tables for little: hf_[a-z] needs 26, a two-character class 1,296.
    private const int MaxStrings = 160;

    // One set's characters are listed up to this many: letters and digits are 36 once case is folded.
    private const int MaxSetSize = 40;

    // Of each ASCII character, as the only one of a set.
    private static readonly Prefixes[] s_letters = [.. Enumerable.Range(0, 128).Select(c => Prefixes.Of((ulong)c | 0x20, 1))];

    // By node: a pattern is looked through once for each of its alternatives and gaps, and most of it is the same each time.
    private readonly Dictionary<RegexNode, Prefixes?> known = new(ReferenceEqualityComparer.Instance);

    // To work in: a pattern is crossed letter by letter, and only what comes out in the end is kept.
    private readonly Stack<Prefixes> spare = new();

    /// <summary>The best place among the items of a pattern to look for first, its grams, and how often they are to be expected per byte.</summary>
    /// <returns>No grams when some match holds none.</returns>
    public Gram[] Find(List<RegexNode> items, out int anchor, out double cost)
    {
        (anchor, cost) = (0, 1);
        var (best, prefixes, other) = (Take(), Take(), Take());
        var isFound = false;
        var strings = new Prefixes?[items.Count];
        for (var i = 0; i < items.Count; i++)
            strings[i] = Strings(items[i]);
        for (var i = 0; i < items.Count; i++)
        {
            // Inside a word an anchor is seldom better than at its start, whose strings hold the same bytes.
            if (strings[i] is null || (i % 4 != 0 && IsLetter(items[i]) && IsLetter(items[i - 1])))
                continue;
            // What may be absent, or any letter, is better left out: what follows has fewer strings.
            if (strings[i]!.MinLength == 0 || (strings[i]!.Count > 16 && i + 1 < items.Count && cost < 1))
                continue;
            Extend(strings, i, ref prefixes, ref other);
            if (prefixes.MinLength < ShortLength || Cost(prefixes) is var expected && expected >= cost)
                continue;
            (best, prefixes) = (prefixes, best);
            (isFound, anchor, cost) = (true, i, expected);
        }
        var grams = isFound ? Grams(best) : [];
        Give(best, prefixes, other);
        return grams;
    }

    private static bool IsLetter(RegexNode node) => node is RegexNode.Set { Chars.Single: >= 0 };

    private static double Cost(Prefixes prefixes)
    {
        var cost = 0.0;
        for (var i = 0; i < prefixes.Count; i++)
            cost += Best(prefixes, i, out _);
        return cost;
    }

    // The rarest gram of a string.
    private static double Best(Prefixes prefixes, int index, out int at)
    {
        at = 0;
        var best = double.MaxValue;
        var length = prefixes.LengthAt(index);
        var size = Math.Min(GramLength, length);
        for (var i = 0; i + size <= length; i++)
        {
            var frequency = GramFrequency.Of(prefixes.BytesAt(index) >> (8 * i), size);
            if (frequency < best)
                (best, at) = (frequency, i);
        }
        return best;
    }

    private static Gram[] Grams(Prefixes prefixes)
    {
        var grams = new Gram[prefixes.Count];
        var count = 0;
        for (var n = 0; n < prefixes.Count; n++)
        {
            Best(prefixes, n, out var at);
            var (text, length) = (prefixes.BytesAt(n), prefixes.LengthAt(n));
            var isShort = length < GramLength;
            var value = (uint)(text >> (8 * at)) & (isShort ? 0xFFFFFF : uint.MaxValue);
            var mask = length >= 8 ? ulong.MaxValue : (1UL << (8 * length)) - 1;
            var same = count - 1;
            while (same >= 0 && (grams[same].Value != value || grams[same].Offset != at || grams[same].IsShort != isShort))
                same--;
            if (same < 0)
                grams[count++] = new Gram(value, at, isShort, text & mask, mask);
            else
                grams[same] = grams[same] with { Mask = Agreed(grams[same].Literal ^ text) & grams[same].Mask & mask, Literal = grams[same].Literal & Agreed(grams[same].Literal ^ text) & mask };
        }
        Array.Resize(ref grams, count);
        return grams;
    }

    // All bits of the bytes that do not differ.
    private static ulong Agreed(ulong difference)
    {
        var mask = 0UL;
        for (var i = 0; i < 8; i++)
            mask |= (difference >> (8 * i) & 0xFF) == 0 ? 0xFFUL << (8 * i) : 0;
        return mask;
    }

    private static void Extend(Prefixes?[] strings, int from, ref Prefixes found, ref Prefixes other)
    {
        found.SetTo(Prefixes.Empty);
        for (var i = from; i < strings.Length && found.AnyOpen; i++)
            if (!TryExtend(ref found, ref other, strings[i]))
                break;
    }

    private static bool TryExtend(ref Prefixes found, ref Prefixes other, Prefixes? next)
    {
        if (next is not null && !(next.Count > 4 && found.MinLength >= GramLength) && TryCross(ref found, ref other, next))
            return true;
        found.CloseAll();
        return false;
    }

    private static bool TryCross(ref Prefixes found, ref Prefixes other, Prefixes next)
    {
        if (!found.TryCross(next, MaxStrings, other))
            return false;
        (found, other) = (other, found);
        return true;
    }

    private Prefixes Take() => spare.TryPop(out var prefixes) ? prefixes : new Prefixes(16);

    private void Give(params ReadOnlySpan<Prefixes> used)
    {
        foreach (var prefixes in used)
            spare.Push(prefixes);
    }

    // Null when there are too many to list. Not changed by who gets them.
    private Prefixes? Strings(RegexNode node)
    {
        if (!known.TryGetValue(node, out var strings))
            known.Add(node, strings = FindStrings(node));
        return strings;
    }

    private Prefixes? FindStrings(RegexNode node)
    {
        switch (node)
        {
            case RegexNode.Set set:
                return Characters(set.Chars);
            case RegexNode.Concat concat:
                return InSequence(concat.Items);
            case RegexNode.Group group:
                return Strings(group.Body);
            case RegexNode.Alternate alternate:
                var all = new Prefixes(alternate.Branches.Count);
                foreach (var branch in alternate.Branches)
                {
                    if (Strings(branch) is not { } strings)
                        return null;
                    all.Add(strings);
                }
                return all.Count > MaxStrings ? null : all;
            case RegexNode.Repeat repeat:
                return Repeated(repeat);
            default:
                return Prefixes.Empty;
        }
    }

    private Prefixes InSequence(IReadOnlyList<RegexNode> items)
    {
        var (found, other) = (Take(), Take());
        found.SetTo(Prefixes.Empty);
        for (var i = 0; i < items.Count && found.AnyOpen; i++)
            if (!TryExtend(ref found, ref other, Strings(items[i])))
                break;
        var result = found.Copy();
        Give(found, other);
        return result;
    }

    private Prefixes? Repeated(RegexNode.Repeat repeat)
    {
        if (repeat.Max == 0)
            return Prefixes.Empty;
        if (Strings(repeat.Body) is not { } body)
            return null;
        var (found, other) = (Take(), Take());
        Repeat(repeat, body, ref found, ref other);
        var result = found.Copy();
        Give(found, other);
        return result;
    }

    private static void Repeat(RegexNode.Repeat repeat, Prefixes body, ref Prefixes found, ref Prefixes other)
    {
        found.SetTo(Prefixes.Empty);
        for (var i = 0; i < repeat.Min && found.AnyOpen; i++)
        {
            if (!TryCross(ref found, ref other, body))
            {
                found.CloseAll();
                return;
            }
        }
        if (repeat.Max == repeat.Min)
            return;
        // Exactly so many, and then what follows; or one more, and then who knows.
        if (!found.TryCross(body, MaxStrings, other))
        {
            found.CloseAll();
            return;
        }
        if (repeat.Max != repeat.Min + 1)
            other.CloseAll();
        found.Add(other);
    }

    private static Prefixes? Characters(CharSet set)
    {
        if (set.Size > 2 * MaxSetSize)
            return null;
        if (set.Single is >= 0 and < 0x80)
            return s_letters[set.Single];
        var strings = new Prefixes(4);
        Span<byte> bytes = stackalloc byte[4];
        var (seenLow, seenHigh) = (0UL, 0UL);
        for (var i = 0; i < set.Count; i++)
        {
            for (var c = set.Low(i); c <= set.High(i); c++)
            {
                if (c < 0x80)
                {
                    // Both cases are one string here.
                    var plain = c | 0x20;
                    ref var seen = ref plain < 64 ? ref seenLow : ref seenHigh;
                    if ((seen >> (plain & 63) & 1) == 0)
                        strings.Add((ulong)plain, 1, isOpen: true);
                    seen |= 1UL << (plain & 63);
                    continue;
                }
                if (!Rune.IsValid(c))
                    continue;
                var length = new Rune(c).EncodeToUtf8(bytes);
                var value = 0UL;
                for (var n = 0; n < length; n++)
                    value |= (ulong)(bytes[n] | 0x20) << (8 * n);
                strings.Add(value, length, isOpen: true);
            }
        }
        return strings.Count > MaxSetSize ? null : strings;
    }
}
