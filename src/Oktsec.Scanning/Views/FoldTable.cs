using System.Text;

namespace Oktsec.Scanning.Views;

internal enum FoldKind : byte
{
    Letter,
    Space,
    Invisible,
}

/// <summary>What each code point folds to. Own tables: with invariant globalization <c>string.Normalize</c> silently does nothing.</summary>
internal static class FoldTable
{
    // Unicode 15, compatibility forms and confusables that look like ASCII: the letter, then what is read as it.
    // Latin letters with marks, small capitals, Greek, Cyrillic, Armenian and Cherokee look-alikes; enclosed and mathematical letters are computed.
    private const string LookAlikes =
        """
        aàáâãäåāăąǎǟǡǻȁȃȧаαɑᴀⲁạảấầẩẫậắằẳẵặḁªᵃₐ
        bḃḅḇƀɓʙьвЬᏏᵇƅ
        cçćĉċčƈсϲᴄⅽⲥḉᑕᶜ
        dďđɖɗḋḍḏḑḓᴅԁⅾᵈ
        eèéêëēĕėęěȅȇȩеєҽɛεᴇẹẻẽếềểễệḕḗḙḛḝₑᵉ℮
        fḟƒғſẝꜰᶠ
        gĝğġģǧǵɡԍցɢᵍ
        hĥħȟһнհḣḥḧḩḫʜᏂʰₕ
        iìíîïĩīĭįıǐȉȋіιɪⅰӏɩịỉḭḯⁱᵢ
        jĵǰјϳᴊʲⱼ
        kķĸƙǩкκᴋḱḳḵᵏₖ
        lĺļľŀłƚⅼḷḹḻḽʟˡₗ
        mṁṃмᴍⅿɱᵐₘ
        nñńņňŉŋǹηпոṅṇṉṋɴⁿₙ
        oòóôõöøōŏőơǒǫǭȍȏȫȭȯоοσօᴏ௦ọỏốồổỗộớờởỡợṍṏṑṓºᵒₒ
        pṕṗрρᴘƥᵖₚ
        qԛգզɋ
        rŕŗřȑȓгᴦṙṛṝṟʀɼɽʳᵣ
        sśŝşšșѕṡṣṥṧṩꜱʂˢₛ
        tţťŧțтτᴛṫṭṯṱẗƭᵗₜ
        uùúûüũūŭůűųưǔǖǘǚȕȗυսᴜʋụủứừửữựṳṵṷṹṻᵘᵤ
        vѵνᴠⅴṽṿʋᵛᵥ
        wŵωԝաᴡẁẃẅẇẉẘʷ
        xхχⅹẋẍˣₓ
        yýÿŷȳуүγʏỳỵỷỹẏẙɣʸ
        zźżžȥᴢẑẓẕƶᶻ
        0⁰₀०０
        1¹₁
        2²₂
        3³₃зӡɜ
        4⁴₄
        5⁵₅
        6⁶₆
        7⁷₇
        8⁸₈
        9⁹₉
        '‘’‚‛′ʹʼ＇`´
        "“”„‟″
        -‐‑‒–—―−﹣⁃
        .․。｡
        ,‚،
        /⁄∕⧸
        :∶ː꞉
        ;;
        !ǃ
        *∗⁎
        ~∼˜
        |∣ǀ
        <‹
        >›
        (⁽₍
        )⁾₎
        +⁺₊
        =⁼₌
        """;

    // Characters that become several.
    private static readonly (string From, string To)[] Several =
    [
        ("æ", "ae"), ("œ", "oe"), ("ß", "ss"), ("ﬀ", "ff"), ("ﬁ", "fi"), ("ﬂ", "fl"), ("ﬃ", "ffi"), ("ﬄ", "ffl"), ("ﬅ", "st"), ("ﬆ", "st"), ("ĳ", "ij"), ("ǆ", "dz"), ("ǉ", "lj"), ("ǌ", "nj"),
        ("…", "..."), ("‥", ".."), ("ⅱ", "ii"), ("ⅲ", "iii"), ("ⅳ", "iv"), ("ⅵ", "vi"), ("ⅶ", "vii"), ("ⅸ", "ix"), ("ⅺ", "xi"), ("№", "no"), ("℡", "tel"), ("™", "tm"),
    ];

    private static readonly Dictionary<int, string> Map = Build();

    public static FoldKind Kind(int c)
    {
        if (c < 0x80)
            return c is ' ' or (>= '\t' and <= '\r') ? FoldKind.Space : FoldKind.Letter;
        if (c is 0x85 or 0xA0 or 0x1680 or (>= 0x2000 and <= 0x200A) or 0x2028 or 0x2029 or 0x202F or 0x205F or 0x3000)
            return FoldKind.Space;
        return IsInvisible(c) ? FoldKind.Invisible : FoldKind.Letter;
    }

    /// <summary>Takes no room on a screen: format characters, variation selectors, tags, fillers, combining marks.</summary>
    public static bool IsInvisible(int c) => c is
        0xAD or 0x34F or 0x61C or 0x115F or 0x1160 or 0x17B4 or 0x17B5 or (>= 0x180B and <= 0x180F)
        or (>= 0x200B and <= 0x200F) or (>= 0x202A and <= 0x202E) or (>= 0x2060 and <= 0x206F) or 0x2800 or 0x3164
        or (>= 0xFE00 and <= 0xFE0F) or 0xFEFF or 0xFFA0 or (>= 0xFFF9 and <= 0xFFFB)
        or (>= 0x1BCA0 and <= 0x1BCA3) or (>= 0x1D173 and <= 0x1D17A) or (>= 0xE0000 and <= 0xE0FFF)
        or (>= 0x300 and <= 0x36F) or (>= 0x1AB0 and <= 0x1AFF) or (>= 0x1DC0 and <= 0x1DFF) or (>= 0x20D0 and <= 0x20FF) or (>= 0xFE20 and <= 0xFE2F);

    /// <summary>Writes the folded form of a letter; the bytes written, never more than the letter itself has.</summary>
    public static int Write(Rune rune, Span<byte> target)
    {
        var c = rune.Value;
        if (c < 0x80)
        {
            target[0] = (byte)(c is >= 'A' and <= 'Z' ? c | 0x20 : c);
            return 1;
        }
        if (Computed(c) is var plain and > 0)
        {
            target[0] = (byte)plain;
            return 1;
        }
        if (Map.TryGetValue(c, out var text) || Map.TryGetValue(Rune.ToLowerInvariant(rune).Value, out text))
        {
            for (var i = 0; i < text.Length; i++)
                target[i] = (byte)text[i];
            return text.Length;
        }
        // A few lower-case forms are longer in UTF-8 than their capitals; those keep the capital, and rules' letters do the same.
        var lower = Rune.ToLowerInvariant(rune);
        return (lower.Utf8SequenceLength <= rune.Utf8SequenceLength ? lower : rune).EncodeToUtf8(target);
    }

    // Whole alphabets that stand in order: 0 when none.
    private static int Computed(int c) => c switch
    {
        >= 0xFF01 and <= 0xFF5E => Lower(c - 0xFEE0),
        >= 0x249C and <= 0x24B5 => 'a' + c - 0x249C,
        >= 0x24B6 and <= 0x24CF => 'a' + c - 0x24B6,
        >= 0x24D0 and <= 0x24E9 => 'a' + c - 0x24D0,
        >= 0x2460 and <= 0x2468 => '1' + c - 0x2460,
        >= 0x1F110 and <= 0x1F129 => 'a' + c - 0x1F110,
        >= 0x1F130 and <= 0x1F149 => 'a' + c - 0x1F130,
        >= 0x1F150 and <= 0x1F169 => 'a' + c - 0x1F150,
        >= 0x1F170 and <= 0x1F189 => 'a' + c - 0x1F170,
        >= 0x1F1E6 and <= 0x1F1FF => 'a' + c - 0x1F1E6,
        >= 0x1D400 and <= 0x1D6A3 => 'a' + (c - 0x1D400) % 26,
        >= 0x1D7CE and <= 0x1D7FF => '0' + (c - 0x1D7CE) % 10,
        // Letter-like symbols that fill the holes of the mathematical alphabets.
        0x2102 or 0x212D => 'c', 0x210A => 'g', 0x210B or 0x210C or 0x210D or 0x210E => 'h', 0x2110 or 0x2111 or 0x2139 or 0x2148 => 'i', 0x2112 or 0x2113 => 'l', 0x2115 => 'n',
        0x2119 or 0x2118 => 'p', 0x211A => 'q', 0x211B or 0x211C or 0x211D => 'r', 0x2124 or 0x2128 => 'z', 0x212A => 'k', 0x212B => 'a', 0x212C => 'b', 0x212F or 0x2130 or 0x2147 => 'e',
        0x2131 => 'f', 0x2133 => 'm', 0x2134 => 'o', 0x2145 or 0x2146 => 'd', 0x2149 => 'j',
        _ => 0,
    };

    private static int Lower(int c) => c is >= 'A' and <= 'Z' ? c | 0x20 : c;

    private static Dictionary<int, string> Build()
    {
        var map = new Dictionary<int, string>();
        foreach (var line in LookAlikes.EnumerateLines())
        {
            var plain = line[..1].ToString();
            foreach (var rune in line[1..].EnumerateRunes())
                if (!rune.IsAscii)
                    map.TryAdd(rune.Value, plain);
        }
        foreach (var (from, to) in Several)
            map[from.EnumerateRunes().First().Value] = to;
        return map;
    }
}
