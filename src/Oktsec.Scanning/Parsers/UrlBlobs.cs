using Oktsec.Scanning.Validators;

namespace Oktsec.Scanning.Parsers;

/// <summary>Encoded data in a host's labels or in a query's values, where names and words stand otherwise.</summary>
internal static class UrlBlobs
{
    // Names of services end near 32 characters (a hash, an account id); a label takes 63, and thieves fill it.
    private const int LongLabel = 33;

    // One label of data between two names: too short alone, telling when there are two.
    private const int PairedLabel = 20;

    // 30 bytes in base64; ids and hashes of 32 hex digits stay below.
    private const int LongValue = 41;

    // English in base64 or hex stays over 3 bits, repeated letters and words below.
    private const double MinBits = 3.0;

    public static void Add(FactList facts, ReadOnlySpan<byte> host, ReadOnlySpan<byte> query)
    {
        Labels(facts, host);
        while (!query.IsEmpty)
        {
            var and = query.IndexOfAny((byte)'&', (byte)';');
            var pair = and < 0 ? query : query[..and];
            query = and < 0 ? default : query[(and + 1)..];
            if (!IsBlob(pair[(pair.IndexOf((byte)'=') + 1)..].TrimEnd((byte)'='), LongValue, ofHost: false))
                continue;
            facts.Add(FactKey.Trick, "blob-query"u8);
            return;
        }
    }

    private static void Labels(FactList facts, ReadOnlySpan<byte> host)
    {
        var paired = 0;
        while (host.IndexOf((byte)'.') is >= 0 and var dot)
        {
            var label = host[..dot];
            host = host[(dot + 1)..];
            // The registered name and its ending carry nothing.
            if (!host.Contains((byte)'.'))
                return;
            if (IsBlob(label, PairedLabel, ofHost: true) && (++paired == 2 || label.Length >= LongLabel))
            {
                facts.Add(FactKey.Trick, "blob-host"u8);
                return;
            }
        }
    }

    // Letters and digits mixed, in one piece.
    private static bool IsBlob(ReadOnlySpan<byte> text, int least, bool ofHost)
    {
        if (text.Length < least || text.Length > 4096)
            return false;
        int digits = 0, letters = 0;
        foreach (var c in text)
        {
            if (char.IsAsciiDigit((char)c))
                digits++;
            else if (char.IsAsciiLetter((char)c))
                letters++;
            else if (ofHost || c is not ((byte)'+' or (byte)'/' or (byte)'-' or (byte)'_' or (byte)'%'))
                return false;
        }
        // Base64 of text has a digit in about ten characters, hex more than half.
        return letters > 2 && digits * 16 >= text.Length && Entropy.BitsPerByte(text) >= MinBits;
    }
}
