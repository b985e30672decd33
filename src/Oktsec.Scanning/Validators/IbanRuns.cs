using System.Numerics;
using System.Runtime.Intrinsics;
using Oktsec.Scanning.Views;

namespace Oktsec.Scanning.Validators;

/// <summary>Finds bank account numbers in text: two letters, two digits and their country's length, whole or in groups of four.</summary>
internal static class IbanRuns
{
    // Country and length, ISO 13616 registry.
    private const string Lengths =
        "AD24AE23AL28AT20AZ28BA20BE16BG22BH22BR29BY28CH21CR22CY28CZ24DE22DK18DO28EE20EG29ES24FI18FO18FR27GB22GE22GI23GL18GR27GT28HR21HU28IE22IL23IQ23IS26IT27JO30KW30KZ20LB28LC32LI21LT20LU20"
        + "LV21MC27MD24ME22MK19MR27MT31MU30NL18NO15PK24PL28PS29PT25QA29RO24RS22SA24SC31SE24SI19SK24SM27ST25SV28TL23TN24TR26UA29VA22VG24XK20";

    // Country and check digits.
    private const int Begin = 4;

    private static readonly ByteClass Letters = new("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);
    private static readonly ByteClass Digits = new("0123456789"u8);

    public static bool Next(ReadOnlySpan<byte> text, int from, out int start, out int end)
    {
        (start, end) = (-1, -1);
        // Digits are rarer than letters: look for the check digits, then for the country before them.
        for (var at = from + 2; at < text.Length;)
        {
            at = Skip(text, at - 2) + 2;
            var skip = text[at..].IndexOfAnyInRange((byte)'0', (byte)'9');
            if (skip < 0)
                return false;
            var first = at + skip - 2;
            at = first + 3;
            while (at < text.Length && char.IsAsciiDigit((char)text[at]))
                at++;
            if (!char.IsAsciiLetter((char)text[first]) || !char.IsAsciiLetter((char)text[first + 1]) || (first > 0 && char.IsAsciiLetterOrDigit((char)text[first - 1])))
                continue;
            var after = End(text, first);
            if (after < 0 || !Iban.IsValid(text[first..after]))
                continue;
            (start, end) = (first, after);
            return true;
        }
        return false;
    }

    // Goes to the next two letters with two digits behind them, or near the end: texts are full of digits.
    private static int Skip(ReadOnlySpan<byte> text, int from)
    {
        for (; Vector128.IsHardwareAccelerated && from + ByteClass.Window <= text.Length; from += ByteClass.Window - Begin + 1)
        {
            var (letters, digits) = (Letters.Members(in text[from]), Digits.Members(in text[from]));
            var found = letters & letters >> 1 & digits >> 2 & digits >> 3;
            if (found != 0)
                return from + BitOperations.TrailingZeroCount(found);
        }
        return from;
    }

    private static int End(ReadOnlySpan<byte> text, int first)
    {
        if (first + 4 > text.Length || !char.IsAsciiDigit((char)text[first + 2]) || !char.IsAsciiDigit((char)text[first + 3]))
            return -1;
        var length = Length((char)(text[first] & 0xDF), (char)(text[first + 1] & 0xDF));
        var at = first;
        for (var count = 0; count < length; at++)
        {
            if (at >= text.Length)
                return -1;
            if (char.IsAsciiLetterOrDigit((char)text[at]))
                count++;
            else if (text[at] != ' ' || count % 4 != 0 || text[at - 1] == ' ')
                return -1;
        }
        return length == 0 || (at < text.Length && char.IsAsciiLetterOrDigit((char)text[at])) ? -1 : at;
    }

    private static int Length(char one, char two)
    {
        for (var i = 0; i < Lengths.Length; i += 4)
            if (Lengths[i] == one && Lengths[i + 1] == two)
                return 10 * (Lengths[i + 2] - '0') + Lengths[i + 3] - '0';
        return 0;
    }
}
