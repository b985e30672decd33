using Oktsec.Scanning.Matching;

namespace Oktsec.Scanning.Views;

/// <summary>Folds a buffer in blocks, and finds the original place of a folded one by folding its block again.</summary>
internal sealed class FoldMap
{
    // A block is folded again for each match in it: 1 KB takes about two microseconds.
    private const int BlockLength = 1024;

    private (int Source, int Folded)[] blocks = new (int, int)[64];
    private int count;
    private byte[] scratch = new byte[2 * BlockLength];

    public void Clear() => count = 0;

    /// <summary>Folds <c>source[from..to)</c> to <c>target[at..]</c>; where the folded text ends.</summary>
    public int Fold(ReadOnlySpan<byte> source, int from, int to, Span<byte> target, int at)
    {
        while (from < to)
        {
            var end = BlockEnd(source, from, to);
            if (count == blocks.Length)
                Array.Resize(ref blocks, 2 * count);
            blocks[count++] = (from, at);
            at += UnicodeFold.Fold(source, from, end, target[at..]);
            from = end;
        }
        return at;
    }

    /// <summary>The place in the source of the character that begins at <paramref name="folded"/>.</summary>
    public int ToSource(ReadOnlySpan<byte> source, int folded)
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
        if (scratch.Length < length + 8)
            scratch = new byte[length + 8];
        return UnicodeFold.Fold(source, blocks[low].Source, blocks[low].Source + length, scratch, wanted);
    }

    // A block ends at a plain letter, so that no run of white space and no character is cut.
    private static int BlockEnd(ReadOnlySpan<byte> source, int from, int to)
    {
        var end = Math.Min(to, from + BlockLength);
        while (end < to && source[end] is not ((>= (byte)'!' and <= (byte)'~') or RegexClasses.FieldEnd or RegexClasses.PairEnd))
            end++;
        return end;
    }
}
