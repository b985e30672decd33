using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Oktsec.Mcp.Http;

/// <summary>A value of the body as a header carries it (MCP 2026-07-28, Streamable HTTP, "Value Encoding").</summary>
internal static class MirroredValue
{
    private const string Prefix = "=?base64?";
    private const string Suffix = "?=";

    // RFC 9110, 5.5: visible characters, space and tab.
    private static readonly SearchValues<char> s_allowed = SearchValues.Create("\t" + string.Concat(Enumerable.Range(' ', '~' - ' ' + 1).Select(c => (char)c)));

    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>What a header value means; false when it has characters a header may not have, or Base64 that is not exactly that.</summary>
    public static bool TryDecode(string header, [NotNullWhen(true)] out string? value)
    {
        value = null;
        if (header.AsSpan().ContainsAnyExcept(s_allowed))
            return false;
        if (!header.StartsWith(Prefix, StringComparison.Ordinal) || !header.EndsWith(Suffix, StringComparison.Ordinal))
        {
            value = header;
            return true;
        }
        return header.Length >= Prefix.Length + Suffix.Length && TryDecodeBase64(header[Prefix.Length..^Suffix.Length], out value);
    }

    private static bool TryDecodeBase64(string base64, [NotNullWhen(true)] out string? value)
    {
        value = null;
        var bytes = new byte[base64.Length];
        // Read back and compared: white space inside and stray bits at the end would let two texts mean the same.
        if (!Convert.TryFromBase64String(base64, bytes, out var length) || Convert.ToBase64String(bytes, 0, length) != base64)
            return false;
        try
        {
            value = s_strict.GetString(bytes, 0, length);
            return true;
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }
}
