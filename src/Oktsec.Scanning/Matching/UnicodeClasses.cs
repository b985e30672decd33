using System.Globalization;

namespace Oktsec.Scanning.Matching;

/// <summary><c>\p{...}</c>: general categories, and the blocks of the scripts that rules name.</summary>
internal static class UnicodeClasses
{
    public static CharSet? Find(string name) => name switch
    {
        // Unicode 15 block ranges of each script's letters; rare historic blocks are left out.
        "Latin" => CharSet.Of('A', 'Z').With('a', 'z').With(0xAA, 0xAA).With(0xBA, 0xBA).With(0xC0, 0xD6).With(0xD8, 0xF6).With(0xF8, 0x2B8).With(0x1E00, 0x1EFF).With(0xFF21, 0xFF3A).With(0xFF41, 0xFF5A),
        "Greek" => CharSet.Of(0x370, 0x3FF).With(0x1F00, 0x1FFF),
        "Cyrillic" => CharSet.Of(0x400, 0x52F).With(0x1C80, 0x1C8F).With(0x2DE0, 0x2DFF).With(0xA640, 0xA69F),
        "Armenian" => CharSet.Of(0x530, 0x58F),
        "Hebrew" => CharSet.Of(0x590, 0x5FF),
        "Arabic" => CharSet.Of(0x600, 0x6FF).With(0x750, 0x77F).With(0x8A0, 0x8FF).With(0xFB50, 0xFDFF).With(0xFE70, 0xFEFC),
        "Devanagari" => CharSet.Of(0x900, 0x97F),
        "Thai" => CharSet.Of(0xE00, 0xE7F),
        "Hiragana" => CharSet.Of(0x3040, 0x309F),
        "Katakana" => CharSet.Of(0x30A0, 0x30FF).With(0x31F0, 0x31FF).With(0xFF66, 0xFF9D),
        "Han" => CharSet.Of(0x2E80, 0x2FDF).With(0x3005, 0x3007).With(0x3400, 0x4DBF).With(0x4E00, 0x9FFF).With(0xF900, 0xFAFF).With(0x20000, 0x323AF),
        "Hangul" => CharSet.Of(0x1100, 0x11FF).With(0x3130, 0x318F).With(0xAC00, 0xD7AF),
        _ when name.Length is 1 or 2 => Category(name),
        _ => null,
    };

    private static readonly string[] Names =
    [
        "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Sm", "Sc", "Sk", "So", "Cn",
    ];

    private static CharSet? Category(string name)
    {
        if (!Array.Exists(Names, known => known.StartsWith(name, StringComparison.Ordinal)))
            return null;
        var set = new CharSet();
        var start = -1;
        for (var c = 0; c <= CharSet.MaxCodePoint + 1; c++)
        {
            var isMember = c <= CharSet.MaxCodePoint && Names[(int)CharUnicodeInfo.GetUnicodeCategory(c)].StartsWith(name, StringComparison.Ordinal);
            if (isMember && start < 0)
                start = c;
            if (!isMember && start >= 0)
                set.Add(start, c - 1);
            if (!isMember)
                start = -1;
        }
        return set;
    }
}
