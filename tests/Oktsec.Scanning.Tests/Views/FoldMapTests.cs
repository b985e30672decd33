using System.Text;
using Oktsec.Scanning.Views;

namespace Oktsec.Scanning.Tests.Views;

/// <summary>A finding in the folded view is told, redacted and excerpted where it stands in the original: a wrong place would cut something else.</summary>
public sealed class FoldMapTests
{
    // Letters of one to four bytes, such as fold to themselves, to fewer bytes, to several letters and to nothing; white space in all forms.
    private static readonly string[] s_pieces =
    [
        "word", "Word ", "a", "  ", "\r\n\t", "\u00A0", " \u200B ", "\u2028", "\u200B", "\u00AD", "\uFEFF", "\uFF41\uFF22", "\uFB03", "\u00DF", "\u0130", "\u338F",
        "\u0410\u0435", "\u00E9", "e\u0301", "\u4E2D\u6587", "\U0001F600", "\U000E0041", "\U0001D400", "\u2026", "\u3000", "\"}, {\"", "0123456789",
    ];

    // What is no UTF-8: a byte that only continues, one that begins and is not continued, one that is never used.
    private static readonly byte[][] s_broken = [[0x80], [0xBF, 0x80, 0x80], [0xC3], [0xE4, 0xB8], [0xF0, 0x9F], [0xFF]];

    [Fact]
    public void Fold_InBlocks_IsTheSameAsAtOnce_AndEveryPlaceIsFoundAgain()
    {
        var random = new Random(20261130);
        var map = new FoldMap(); // kept, as a session keeps it
        for (var round = 0; round < 100; round++)
        {
            var source = Text(random, random.Next(1, 4000));
            var folded = new byte[source.Length + 64];
            map.Clear();
            var cut = round % 3 == 0 ? Boundary(source, random.Next(source.Length)) : 0; // two regions, as fields and what is decoded from them
            var end = map.Fold(source, cut, source.Length, folded, map.Fold(source, 0, cut, folded, 0));

            var (places, whole) = Oracle(source, cut);
            Assert.Equal(whole, folded[..end]);
            for (var ask = 0; ask < 60; ask++)
            {
                var from = ask < 30 ? Math.Min(ask * 37, end) : random.Next(end + 1); // in order, then in any
                var to = random.Next(from, Math.Min(end, from + 400) + 1);
                var (start, stop) = map.ToSource(source, from, to);
                Assert.InRange(start, Least(places, from), Most(places, from));
                Assert.InRange(stop, Least(places, to), Most(places, to));
            }
        }
    }

    private static byte[] Text(Random random, int length)
    {
        var text = new List<byte>();
        var isPlain = random.Next(4) == 0; // blocks that keep their length
        while (text.Count < length)
            text.AddRange(isPlain ? Encoding.UTF8.GetBytes(random.Next(3) == 0 ? "Plain, " : "\u4E2D\u00E9")
                : random.Next(12) == 0 ? s_broken[random.Next(s_broken.Length)] : Encoding.UTF8.GetBytes(s_pieces[random.Next(s_pieces.Length)]));
        return [.. text];
    }

    private static int Boundary(byte[] source, int at)
    {
        while (at < source.Length && !UnicodeFold.IsBoundary(source.AsSpan(at)))
            at++;
        return at;
    }

    // Behind each character of the source, how much of it is folded: by folding it whole up to there, again and again.
    private static (List<(int Source, int Folded)> Places, byte[] Folded) Oracle(byte[] source, int cut)
    {
        var scratch = new byte[source.Length + 64];
        var first = UnicodeFold.Fold(source, 0, cut, scratch);
        var whole = scratch[..first].Concat(scratch[..UnicodeFold.Fold(source, cut, source.Length, scratch)]).ToArray();
        var places = new List<(int, int)> { (0, 0) };
        for (var at = 0; at < source.Length;)
        {
            Rune.DecodeFromUtf8(source.AsSpan(at), out _, out var used);
            at += used;
            var from = at <= cut ? 0 : cut;
            // Not from the very start: a text may be cut in front of a boundary, and then nothing before it changes what follows.
            var (near, before) = places.LastOrDefault(p => p.Item1 >= from && p.Item1 <= at - 40 && UnicodeFold.IsBoundary(source.AsSpan(p.Item1)), (from, from == 0 ? 0 : first));
            places.Add((at, before + UnicodeFold.Fold(source, near, at, scratch)));
        }
        return (places, whole);
    }

    private static int Least(List<(int Source, int Folded)> places, int folded) => places.First(p => p.Folded >= folded).Source;

    // What goes without a trace may stand on either side.
    private static int Most(List<(int Source, int Folded)> places, int folded)
    {
        var reached = places.First(p => p.Folded >= folded).Folded;
        return places.Last(p => p.Folded <= reached).Source;
    }
}
