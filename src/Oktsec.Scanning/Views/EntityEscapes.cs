using System.Buffers.Text;
using Oktsec.Scanning.Fields;

namespace Oktsec.Scanning.Views;

/// <summary>HTML's <c>&amp;#65; &amp;#x41;</c> and the named characters that rules' patterns contain.</summary>
internal sealed class EntityEscapes : IEscapes
{
    public static Decoding Via => Decoding.Entities;

    public static byte Trigger => (byte)'&';

    public static int MinEscapes => 1;

    public static int Step(ReadOnlySpan<byte> source, Span<byte> target, out int written)
    {
        written = 0;
        if (source.Length < 4)
            return 0;
        return source[1] == '#' ? Numeric(source, target, out written) : Named(source, target, out written);
    }

    private static int Numeric(ReadOnlySpan<byte> source, Span<byte> target, out int written)
    {
        written = 0;
        int code, length;
        if (source[2] is (byte)'x' or (byte)'X')
        {
            // Leading zeros are allowed and used to hide.
            length = 3;
            while (length < Math.Min(source.Length, 12) && char.IsAsciiHexDigit((char)source[length]))
                length++;
            if (length == 3)
                return 0;
            code = Escapes.Hex(source[3..length]);
        }
        else
        {
            if (!Utf8Parser.TryParse(source[2..Math.Min(source.Length, 12)], out code, out var digits) || source[2] is (byte)'-' or (byte)'+')
                return 0;
            length = 2 + digits;
        }
        if (length < source.Length && source[length] == ';')
            length++;
        written = Escapes.Write(code, target);
        // The target never holds more than the source: three bytes at most come from the four of &#1; and more.
        return length;
    }

    private static int Named(ReadOnlySpan<byte> source, Span<byte> target, out int written)
    {
        written = 0;
        var end = source[..Math.Min(source.Length, 10)].IndexOf((byte)';');
        if (end < 3)
            return 0;
        var name = source[1..end];
        var value = name.SequenceEqual("lt"u8) ? '<' : name.SequenceEqual("gt"u8) ? '>' : name.SequenceEqual("amp"u8) ? '&' : name.SequenceEqual("quot"u8) ? '"'
            : name.SequenceEqual("apos"u8) ? '\'' : name.SequenceEqual("nbsp"u8) ? ' ' : name.SequenceEqual("sol"u8) ? '/' : name.SequenceEqual("colon"u8) ? ':'
            : name.SequenceEqual("period"u8) ? '.' : name.SequenceEqual("lpar"u8) ? '(' : name.SequenceEqual("rpar"u8) ? ')' : name.SequenceEqual("Tab"u8) ? '\t'
            : name.SequenceEqual("NewLine"u8) ? '\n' : name.SequenceEqual("commat"u8) ? '@' : name.SequenceEqual("bsol"u8) ? '\\' : '\0';
        if (value == '\0')
            return 0;
        target[0] = (byte)value;
        written = 1;
        return end + 1;
    }
}
