using System.Text;

namespace Oktsec.Scanning.Tests.Matching;

/// <summary>Disguises that the views undo: case, spacing, invisible characters, full-width letters.</summary>
internal static class Mutations
{
    public static string Apply(string text, Random random) => random.Next(6) switch
    {
        0 => text.ToUpperInvariant(),
        1 => text.Replace(" ", "  \t "),
        2 => text.Replace(" ", "\r\n"),
        3 => string.Join('\u200B', text.ToCharArray()),
        4 => string.Concat(text.Select(c => c is > ' ' and < (char)0x7F ? (char)(c + 0xFEE0) : c)),
        _ => text,
    };
}
