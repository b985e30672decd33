namespace Oktsec.Scanning.Fields;

/// <summary>How a decoded field was reached.</summary>
internal enum Decoding : byte
{
    None,
    Base64,
    Base64Gzip,
    Base32,
    Hex,
    Url,
    Entities,
    Backslash,
    QuotedPrintable,
    Json,
    Tags,
    Rot13,
    Reversed,
    Leet,
    Spaced,
    Joined,
    Words,
}

internal static class Decodings
{
    /// <summary>As findings write it; steps from the outside in are joined by <c>&gt;</c>.</summary>
    public static string Name(this Decoding via) => via switch
    {
        Decoding.Base64Gzip => "base64>gzip",
        Decoding.QuotedPrintable => "quoted-printable",
        _ => via.ToString().ToLowerInvariant(),
    };
}
