using System.Text;

namespace Oktsec.Mcp.Backends;

/// <summary>Texts as header values (MCP 2026-07-28, Streamable HTTP, "Value Encoding").</summary>
public static class HeaderValue
{
    private const string Start = "=?base64?";
    private const string End = "?=";

    /// <summary>The text itself where a header can carry it, else Base64 between the markers.</summary>
    public static string Encode(string text) =>
        IsPlain(text) ? text : Start + Convert.ToBase64String(Encoding.UTF8.GetBytes(text)) + End;

    // Visible ASCII, space and tab; nothing at the ends that a parser would trim; nothing that looks encoded.
    private static bool IsPlain(string text)
    {
        if (text.Length == 0)
            return true;
        if (text[0] is ' ' or '\t' || text[^1] is ' ' or '\t' || (text.StartsWith(Start, StringComparison.Ordinal) && text.EndsWith(End, StringComparison.Ordinal)))
            return false;
        foreach (var c in text)
        {
            if (c is not ('\t' or (>= ' ' and <= '~')))
                return false;
        }
        return true;
    }
}
