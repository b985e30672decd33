using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text;
using Oktsec.Scanning.Matching;

namespace Oktsec.Scanning.Views;

/// <summary>
/// The folded view: lower case, compatibility forms and look-alikes as plain letters, invisible characters gone, each run of white space one
/// space (one newline when it holds a line end). Rules about words run on it, so no disguise of letters needs a rule.
/// </summary>
internal static class UnicodeFold
{
    /// <summary>Folds <c>source[from..to)</c> into <paramref name="target"/>, which must hold as many bytes; the bytes written.</summary>
    /// <param name="source">UTF-8, where field and pair ends stay as they are.</param>
    /// <param name="from">First byte.</param>
    /// <param name="to">Behind the last byte.</param>
    /// <param name="target">Where the folded text goes. No character folds to more bytes than it has.</param>
    public static int Fold(ReadOnlySpan<byte> source, int from, int to, Span<byte> target)
    {
        var written = 0;
        while (from < to)
        {
            var plain = FoldPlain(source[from..to], target[written..]);
            from += plain;
            written += plain;
            if (from < to)
                FoldOne(source, ref from, to, target, ref written);
        }
        return written;
    }

    /// <summary>The same until <paramref name="stopAt"/> bytes are written or more; the source's place behind them.</summary>
    public static int FoldUntil(ReadOnlySpan<byte> source, int from, int to, Span<byte> target, int stopAt, out int written)
    {
        written = 0;
        while (from < to && written < stopAt)
        {
            // One byte more than is wanted, to see what is behind the last.
            var plain = Math.Min(stopAt - written, FoldPlain(source[from..Math.Min(to, from + stopAt - written + 1)], target[written..]));
            from += plain;
            written += plain;
            if (from < to && written < stopAt)
                FoldOne(source, ref from, to, target, ref written);
        }
        return from;
    }

    /// <summary>A character that a run of white space before it does not take in: a text may be cut in front of it.</summary>
    public static bool IsBoundary(ReadOnlySpan<byte> source)
    {
        if (source[0] is (> (byte)' ' and < 0x80) or RegexClasses.FieldEnd or RegexClasses.PairEnd)
            return true;
        return source[0] >= 0xC0 && Rune.DecodeFromUtf8(source, out var rune, out _) == System.Buffers.OperationStatus.Done
            && FoldTable.Kind(rune.Value) is not (FoldKind.Space or FoldKind.Invisible);
    }

    private static void FoldOne(ReadOnlySpan<byte> source, ref int read, int to, Span<byte> target, ref int written)
    {
        var value = source[read];
        if (value < 0x80)
        {
            if (IsSpace(value))
            {
                read = FoldSpaces(source, read, to, target, ref written);
                return;
            }
            target[written++] = (byte)(value is >= (byte)'A' and <= (byte)'Z' ? value | 0x20 : value);
            read++;
            return;
        }
        if (Rune.DecodeFromUtf8(source[read..to], out var rune, out var used) != System.Buffers.OperationStatus.Done)
        {
            target[written++] = (byte)'?';
            read += used;
            return;
        }
        var kind = FoldTable.Kind(rune.Value);
        if (kind == FoldKind.Space)
        {
            read = FoldSpaces(source, read, to, target, ref written);
            return;
        }
        if (kind == FoldKind.Letter)
            written += FoldTable.Write(rune, target[written..]);
        read += used;
    }

    /// <summary>What a code point becomes when it becomes one code point; -1 when it stays, goes, or becomes several.</summary>
    public static int Single(int codePoint)
    {
        if (!Rune.IsValid(codePoint) || FoldTable.Kind(codePoint) != FoldKind.Letter)
            return -1;
        Span<byte> bytes = stackalloc byte[4];
        var length = FoldTable.Write(new Rune(codePoint), bytes);
        return Rune.DecodeFromUtf8(bytes[..length], out var rune, out var used) == System.Buffers.OperationStatus.Done && used == length && rune.Value != codePoint
            ? rune.Value
            : -1;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsSpace(byte value) => value is (byte)' ' or (>= (byte)'\t' and <= (byte)'\r');

    // A run of white space, and of invisible characters inside it, becomes one character.
    private static int FoldSpaces(ReadOnlySpan<byte> source, int read, int to, Span<byte> target, ref int written)
    {
        var hasLineEnd = false;
        while (read < to)
        {
            // Line ends and what indents the next line are most of what comes here.
            var value = source[read];
            if (value < 0x80)
            {
                if (!IsSpace(value))
                    break;
                hasLineEnd |= value is (byte)'\n' or (byte)'\r';
                read++;
                continue;
            }
            if (Rune.DecodeFromUtf8(source[read..to], out var rune, out var used) != System.Buffers.OperationStatus.Done)
                break;
            var kind = FoldTable.Kind(rune.Value);
            if (kind is not (FoldKind.Space or FoldKind.Invisible))
                break;
            hasLineEnd |= rune.Value is 0x85 or 0x2028 or 0x2029;
            read += used;
        }
        target[written++] = hasLineEnd ? (byte)'\n' : (byte)' ';
        return read;
    }

    // ASCII in which no white space is followed by more of it or by what may be, 16 bytes at a time: most text is nothing else.
    private static int FoldPlain(ReadOnlySpan<byte> source, Span<byte> target)
    {
        var i = 0;
        if (!Vector128.IsHardwareAccelerated)
            return 0;
        ref var first = ref MemoryMarshal.GetReference(source);
        ref var written = ref MemoryMarshal.GetReference(target);
        // One byte more is read, to see what is behind the block's last.
        for (; i + 17 <= source.Length && i + 16 <= target.Length; i += 16)
        {
            var block = Vector128.LoadUnsafe(ref first, (nuint)i);
            var next = Vector128.LoadUnsafe(ref first, (nuint)i + 1);
            var blanks = Blanks(block);
            var special = ((blanks & (Blanks(next) | next)) | block).ExtractMostSignificantBits();
            // 'A' to 'Z' are the 26 lowest once their code is taken away, line ends '\n' and '\r'.
            var upper = Vector128.LessThan(block - Vector128.Create((byte)'A'), Vector128.Create((byte)26));
            var lineEnds = Vector128.Equals(block, Vector128.Create((byte)'\n')) | Vector128.Equals(block, Vector128.Create((byte)'\r'));
            var folded = block | (upper & Vector128.Create((byte)0x20));
            folded = Vector128.ConditionalSelect(blanks, Vector128.Create((byte)' '), folded);
            Vector128.ConditionalSelect(lineEnds, Vector128.Create((byte)'\n'), folded).StoreUnsafe(ref written, (nuint)i);
            if (special != 0)
                return i + BitOperations.TrailingZeroCount(special);
        }
        return i;
    }

    // All ones where white space is.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Blanks(Vector128<byte> block) =>
        Vector128.Equals(block, Vector128.Create((byte)' ')) | Vector128.LessThan(block - Vector128.Create((byte)'\t'), Vector128.Create((byte)5));
}
