using System.Numerics;
using System.Runtime.Intrinsics;

namespace Oktsec.Scanning.Validators;

/// <summary>Text typed along the alphabet or repeated: <c>abcdefgh12345678</c>, <c>TESTTESTTEST</c>. No generator of secrets makes it.</summary>
internal static class Sequence
{
    // Three in a row happen by chance in one token of twenty; four hardly.
    private const int MinRun = 4;
    private const int MaxPeriod = 8;

    public static bool IsSequence(ReadOnlySpan<byte> text) => text.Length >= MinRun && (2 * InRuns(text) > text.Length || IsPeriodic(text));

    private static int InRuns(ReadOnlySpan<byte> text)
    {
        var count = 0;
        var run = 1;
        for (var i = 1; i <= text.Length; i++)
        {
            if (i < text.Length && Follows(text[i - 1], text[i]))
            {
                run++;
                continue;
            }
            count += run >= MinRun ? run : 0;
            run = 1;
        }
        return count;
    }

    private static bool Follows(byte before, byte c)
    {
        if (!char.IsAsciiLetterOrDigit((char)before) || !char.IsAsciiLetterOrDigit((char)c))
            return false;
        return (c | 0x20) == (before | 0x20) + 1 || c == before || (before == '9' && c == '0');
    }

    // Three quarters of the text stand there again one period later.
    private static bool IsPeriodic(ReadOnlySpan<byte> text)
    {
        for (var period = 1; period <= MaxPeriod && 2 * period <= text.Length; period++)
        {
            var same = Same(text[period..], text[..^period]);
            if (4 * same > 3 * (text.Length - period))
                return true;
        }
        return false;
    }
    // How many bytes are equal, place by place, in two texts of the same length.
    private static int Same(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other)
    {
        var (count, i) = (0, 0);
        for (; i + Vector128<byte>.Count <= one.Length; i += Vector128<byte>.Count)
            count += BitOperations.PopCount(Vector128.Equals(Vector128.Create(one[i..]), Vector128.Create(other[i..])).ExtractMostSignificantBits());
        for (; i < one.Length; i++)
            count += one[i] == other[i] ? 1 : 0;
        return count;
    }
}
