using Oktsec.Scanning.Fields;
using Oktsec.Scanning.Matching;
using Oktsec.Scanning.Rules;

namespace Oktsec.Scanning.Views;

/// <summary>
/// Words that orders to a model are made of, in the disguises that only a transformation of the whole text undoes. They run with the rules'
/// patterns; where one stands, the text around it is transformed and scanned again.
/// </summary>
internal static class WordGates
{
    private static readonly string[] Words =
    [
        "ignore", "disregard", "forget", "override", "bypass", "previous", "instruction", "system", "prompt", "password", "secret", "credential", "execute", "reveal", "delete", "assistant",
        "/etc/passwd", "curl http", "drop table", "private key", "api key",
    ];

    /// <summary>Adds what runs with the rules' patterns; its pattern number is the transformation's, negative.</summary>
    public static void AddTo(Action<int, Alternative> add, IReadOnlyList<Anchor[]>? anchors)
    {
        var number = 0;
        foreach (var (via, text) in Patterns())
            add(-(int)via, TextPattern.Of(PatternType.Regex, text, isFolded: true, () => RegexParser.Parse(text, folded: true), anchors?[number++]).Alternatives[0]);
    }

    public static IEnumerable<(Decoding Via, string Text)> Patterns()
    {
        foreach (var word in Words)
        {
            yield return (Decoding.Rot13, Quote(string.Concat(word.Select(Rot13))));
            yield return (Decoding.Reversed, Quote(string.Concat(word.Reverse())));
            yield return (Decoding.Leet, string.Concat(word.Select(LeetForms)));
        }
    }

    public static Decoding Of(int pattern) => (Decoding)(-pattern);

    /// <summary>A word in plain letters is no disguise.</summary>
    public static bool IsDisguised(Decoding via, ReadOnlySpan<byte> match)
    {
        if (via != Decoding.Leet)
            return true;
        foreach (var c in match)
            if (!char.IsAsciiLetter((char)c) && c is not ((byte)' ' or (byte)'\n' or (byte)'/'))
                return true;
        return false;
    }

    public static byte Rot13(byte c) => (byte)Rot13((char)c);

    public static byte Unleet(byte c) => c switch
    {
        (byte)'0' => (byte)'o',
        (byte)'1' or (byte)'!' or (byte)'|' => (byte)'i',
        (byte)'3' => (byte)'e',
        (byte)'4' or (byte)'@' => (byte)'a',
        (byte)'5' or (byte)'$' => (byte)'s',
        (byte)'7' or (byte)'+' => (byte)'t',
        (byte)'9' or (byte)'6' => (byte)'g',
        (byte)'8' => (byte)'b',
        _ => c,
    };

    private static char Rot13(char c) => char.IsAsciiLetter(c) ? (char)((c | 0x20) - 'a' < 13 ? c + 13 : c - 13) : c;

    private static string LeetForms(char c) => c switch
    {
        'o' => "[o0]",
        'i' => "[i1!|]",
        'e' => "[e3]",
        'a' => "[a4@]",
        's' => "[s5$]",
        't' => "[t7+]",
        'g' => "[g96]",
        'b' => "[b8]",
        _ => Quote(c.ToString()),
    };

    private static string Quote(string text) => text.Replace("/", "\\/").Replace(".", "\\.");
}
