using System.Buffers;
using System.Text;

namespace Oktsec.Scanning.Validators;

/// <summary>Finds words of Latin letters in which some are Cyrillic or Greek ones that look the same.</summary>
internal static class MixedScript
{
    // Words shorter than this are formulas and units.
    private const int MinLatin = 3;

    // Cyrillic begins with D0 to D4, Greek with CE and CF.
    private static readonly SearchValues<byte> Leads = SearchValues.Create([0xCE, 0xCF, 0xD0, 0xD1, 0xD2, 0xD3, 0xD4]);

    // A string: a set of them takes longer to make than most processes that start will ever ask it.
    private const string Twins = "аеорсухіјѕԁһԛԝАВЕКМНОРСТУХІЈЅΑΒΕΖΗΙΚΜΝΟΡΤΥΧον";

    public static bool Next(ReadOnlySpan<byte> text, int from, out int start, out int end)
    {
        while (from < text.Length && text[from..].IndexOfAny(Leads) is var skip and >= 0)
        {
            start = from + skip;
            while (start > from && char.IsAsciiLetter((char)text[start - 1]))
                start--;
            end = Word(text, start, out var latin, out var twins, out var others);
            if (latin >= MinLatin && twins > 0 && others == 0)
                return true;
            from = Math.Max(end, from + skip + 1);
        }
        start = end = -1;
        return false;
    }

    private static int Word(ReadOnlySpan<byte> text, int at, out int latin, out int twins, out int others)
    {
        (latin, twins, others) = (0, 0, 0);
        while (at < text.Length && Rune.DecodeFromUtf8(text[at..], out var rune, out var used) == OperationStatus.Done && Rune.IsLetter(rune))
        {
            if (rune.IsAscii)
                latin++;
            else if (rune.IsBmp && Twins.Contains((char)rune.Value))
                twins++;
            else
                others++;
            at += used;
        }
        return at;
    }
}
