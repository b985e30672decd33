using Oktsec.Scanning.Matching;

namespace Oktsec.Scanning.Views;

/// <summary>Folds a buffer in blocks, and finds the original place of a folded one by folding its block again.</summary>
internal sealed class FoldMap
{
    // A block is folded again where it holds a match: 1 KB takes about two microseconds.
    private const int BlockLength = 1024;

    // Of one length, folded as it was: no character folds to more bytes than it has, so each has kept its place.
    private (int Source, int Folded, bool IsOfOneLength)[] blocks = new (int, int, bool)[64];
    private int count;
    private byte[] scratch = new byte[2 * BlockLength];
    private (int Block, int Source, int Folded) last = (-1, 0, 0);

    public void Clear() => (count, last) = (0, (-1, 0, 0));

    /// <summary>Folds <c>source[from..to)</c> to <c>target[at..]</c>; where the folded text ends.</summary>
    public int Fold(ReadOnlySpan<byte> source, int from, int to, Span<byte> target, int at)
    {
        while (from < to)
        {
            var end = BlockEnd(source, from, to);
            if (count == blocks.Length)
                Array.Resize(ref blocks, 2 * count);
            var written = UnicodeFold.Fold(source, from, end, target[at..]);
            blocks[count++] = (from, at, written == end - from);
            at += written;
            from = end;
        }
        return at;
    }

    /// <summary>The places in the source of the characters that begin at <paramref name="start"/> and at <paramref name="end"/>.</summary>
    public (int Start, int End) ToSource(ReadOnlySpan<byte> source, int start, int end)
    {
        start = ToSource(source, start);
        // The next match begins before the end of this one as often as not.
        var (kept, place) = (last, ToSource(source, end));
        last = kept;
        return (start, place);
    }

    private int ToSource(ReadOnlySpan<byte> source, int folded)
    {
        var (low, high) = (0, count - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (blocks[middle].Folded <= folded)
                low = middle;
            else
                high = middle - 1;
        }
        var wanted = folded - blocks[low].Folded;
        if (wanted <= 0)
            return blocks[low].Source;
        var end = low + 1 < count ? blocks[low + 1].Source : source.Length;
        var length = Math.Min(source.Length, end) - blocks[low].Source;
        if (blocks[low].IsOfOneLength && wanted <= length)
            return Behind(source, blocks[low].Source + wanted);
        if (scratch.Length < length + 8)
            scratch = new byte[length + 8];
        // Places are asked for in order, by and large: a block is read on from the last one.
        if (last.Block != low || last.Folded > wanted)
            last = (low, blocks[low].Source, 0);
        var place = UnicodeFold.FoldUntil(source, last.Source, blocks[low].Source + length, scratch, wanted - last.Folded, out var written);
        if (last.Folded + written == wanted)
            last = (low, place, wanted);
        return place;
    }

    // Not within a character.
    private static int Behind(ReadOnlySpan<byte> source, int at)
    {
        for (var left = 3; left > 0 && at < source.Length && (source[at] & 0xC0) == 0x80; left--)
            at++;
        return at;
    }

    // A block ends where a run of white space or a character cannot be cut: within a few bytes in any language.
    private static int BlockEnd(ReadOnlySpan<byte> source, int from, int to)
    {
        var end = Math.Min(to, from + BlockLength);
        while (end < to && !UnicodeFold.IsBoundary(source[end..]))
            end++;
        return end;
    }
}
