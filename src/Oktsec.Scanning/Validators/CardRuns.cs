using System.Buffers;
using System.Numerics;
using System.Runtime.Intrinsics;
using Oktsec.Scanning.Views;

namespace Oktsec.Scanning.Validators;

/// <summary>Finds card numbers in text: runs of 13 to 19 digits, with single blanks or dashes between groups.</summary>
internal static class CardRuns
{
    private const int MinDigits = 13;
    private const int MaxDigits = 19;

    private static readonly SearchValues<byte> Digits = SearchValues.Create("0123456789"u8);

    // What such a run is made of.
    private static readonly ByteClass Members = new("0123456789 -"u8);

    public static bool Next(ReadOnlySpan<byte> text, int from, out int start, out int end)
    {
        for (; ; )
        {
            start = end = -1;
            from = Skip(text, from);
            var skip = text[from..].IndexOfAny(Digits);
            if (skip < 0)
                return false;
            var first = from + skip;
            var after = RunEnd(text, first, out var digits);
            from = Math.Max(after, first + 1);
            // A number that is part of a longer one, of a word or of a decimal fraction is no card number.
            if (digits is < MinDigits or > MaxDigits || !IsAlone(text, first, after) || EndsWithPhone(text[first..after]) || !Card.IsValid(text[first..after]))
                continue;
            (start, end) = (first, after);
            return true;
        }
    }

    // Texts are full of numbers, most of them short: goes to the next run of enough digits and blanks, or near the end.
    private static int Skip(ReadOnlySpan<byte> text, int from)
    {
        for (var at = from; Vector128.IsHardwareAccelerated && at + ByteClass.Window <= text.Length; at += ByteClass.Window - MinDigits + 1)
        {
            // Bit i: members stand at i and the places behind it, two, four, eight and thirteen in all.
            var run = Members.Members(in text[at]);
            run &= run >> 1;
            run &= run >> 2;
            run &= run >> 4;
            run &= run >> (MinDigits - 8);
            if (run == 0)
            {
                from = at + ByteClass.Window - MinDigits + 1;
                continue;
            }
            return Math.Max(from, at + BitOperations.TrailingZeroCount(run));
        }
        return from;
    }

    private static int RunEnd(ReadOnlySpan<byte> text, int first, out int digits)
    {
        digits = 0;
        var at = first;
        var end = first;
        while (at < text.Length)
        {
            if (char.IsAsciiDigit((char)text[at]))
            {
                digits++;
                end = ++at;
            }
            else if (text[at] is (byte)' ' or (byte)'-' && at + 1 < text.Length && char.IsAsciiDigit((char)text[at + 1]) && at > first && char.IsAsciiDigit((char)text[at - 1]))
            {
                at++;
            }
            else
            {
                break;
            }
        }
        return end;
    }

    // "3892 713-853-3989": a room, then a telephone number as North America writes it. Groups of a card are kept apart by one sign throughout.
    private static bool EndsWithPhone(ReadOnlySpan<byte> run) =>
        run.Length > 13 && run[^5] == '-' && run[^9] == '-' && run[^13] == ' ' && run[^4..].IndexOfAny((byte)' ', (byte)'-') < 0
        && run[^8..^5].IndexOfAny((byte)' ', (byte)'-') < 0 && run[^12..^9].IndexOfAny((byte)' ', (byte)'-') < 0;

    private static bool IsAlone(ReadOnlySpan<byte> text, int start, int end)
    {
        var before = start > 0 ? (char)text[start - 1] : ' ';
        var after = end < text.Length ? (char)text[end] : ' ';
        return !char.IsAsciiLetterOrDigit(before) && before is not ('.' or '_' or '-' or '#') && !char.IsAsciiLetterOrDigit(after) && after != '_'
            && !(after == '.' && end + 1 < text.Length && char.IsAsciiDigit((char)text[end + 1]));
    }
}
