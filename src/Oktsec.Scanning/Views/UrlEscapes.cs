using Oktsec.Scanning.Fields;

namespace Oktsec.Scanning.Views;

/// <summary><c>%41</c> (RFC 3986), and <c>%u0041</c> as old servers read it.</summary>
internal sealed class UrlEscapes : IEscapes
{
    public static Decoding Via => Decoding.Url;

    public static byte Trigger => (byte)'%';

    public static int MinEscapes => 1;

    public static int Step(ReadOnlySpan<byte> source, Span<byte> target, out int written)
    {
        written = 0;
        if (source.Length >= 6 && source[1] is (byte)'u' or (byte)'U' && Escapes.Hex(source.Slice(2, 4)) is >= 0 and var code)
        {
            written = Escapes.Write(code, target);
            return 6;
        }
        if (source.Length < 3 || Escapes.Hex(source.Slice(1, 2)) is not (>= 0 and var value))
            return 0;
        target[0] = (byte)value;
        written = 1;
        return 3;
    }
}
