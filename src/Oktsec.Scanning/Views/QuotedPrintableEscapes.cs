using Oktsec.Scanning.Fields;

namespace Oktsec.Scanning.Views;

/// <summary><c>=41</c> of mail (RFC 2045), and its soft line ends.</summary>
internal sealed class QuotedPrintableEscapes : IEscapes
{
    public static Decoding Via => Decoding.QuotedPrintable;

    public static byte Trigger => (byte)'=';

    // x=10 and y=2F stand in any program; three close together do not.
    public static int MinEscapes => 3;

    public static int Step(ReadOnlySpan<byte> source, Span<byte> target, out int written)
    {
        written = 0;
        if (source.Length < 3)
            return 0;
        if (source[1] == '\n')
            return 2;
        if (source[1] == '\r' && source[2] == '\n')
            return 3;
        if (Escapes.Hex(source.Slice(1, 2)) is not (>= 0x20 and var value))
            return 0;
        target[0] = (byte)value;
        written = 1;
        return 3;
    }
}
