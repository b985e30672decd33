using Oktsec.Scanning.Fields;

namespace Oktsec.Scanning.Views;

/// <summary><c>\u0041 \u{41} \x41 \101</c> as program text writes characters.</summary>
internal sealed class BackslashEscapes : IEscapes
{
    public static Decoding Via => Decoding.Backslash;

    public static byte Trigger => (byte)'\\';

    public static int MinEscapes => 1;

    public static int Step(ReadOnlySpan<byte> source, Span<byte> target, out int written)
    {
        written = 0;
        if (source.Length < 4)
            return 0;
        switch (source[1])
        {
            case (byte)'x' when Escapes.Hex(source.Slice(2, 2)) is >= 0 and var value:
                target[0] = (byte)value;
                written = 1;
                return 4;
            case (byte)'u' or (byte)'U' when source[2] == '{':
                var end = source[..Math.Min(source.Length, 11)].IndexOf((byte)'}');
                if (end < 4 || Escapes.Hex(source[3..end]) is not (>= 0 and var braced))
                    return 0;
                written = Escapes.Write(braced, target);
                return end + 1;
            case (byte)'U' when source.Length >= 10 && Escapes.Hex(source.Slice(2, 8)) is >= 0 and var wide:
                written = Escapes.Write(wide, target);
                return 10;
            case (byte)'u' when source.Length >= 6 && Escapes.Hex(source.Slice(2, 4)) is >= 0 and var unit:
                return Unit(source, unit, target, out written);
            case >= (byte)'0' and <= (byte)'3' when source[2] is >= (byte)'0' and <= (byte)'7' && source[3] is >= (byte)'0' and <= (byte)'7':
                target[0] = (byte)((source[1] - '0') << 6 | (source[2] - '0') << 3 | source[3] - '0');
                written = 1;
                return 4;
            default:
                return 0;
        }
    }

    private static int Unit(ReadOnlySpan<byte> source, int unit, Span<byte> target, out int written)
    {
        if (char.IsHighSurrogate((char)unit) && source.Length >= 12 && source[6] == '\\' && source[7] == 'u'
            && Escapes.Hex(source.Slice(8, 4)) is >= 0 and var low && char.IsLowSurrogate((char)low))
        {
            written = Escapes.Write(char.ConvertToUtf32((char)unit, (char)low), target);
            return 12;
        }
        written = Escapes.Write(unit, target);
        return 6;
    }
}
