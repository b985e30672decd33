using System.Text;

namespace Oktsec.Scanning.Views;

/// <summary>What the escape decoders share.</summary>
internal static class Escapes
{
    /// <summary>The value of hexadecimal digits; -1 when one of them is none.</summary>
    public static int Hex(ReadOnlySpan<byte> digits)
    {
        var value = 0;
        foreach (var c in digits)
        {
            var digit = c switch
            {
                >= (byte)'0' and <= (byte)'9' => c - '0',
                >= (byte)'a' and <= (byte)'f' => c - 'a' + 10,
                >= (byte)'A' and <= (byte)'F' => c - 'A' + 10,
                _ => -1,
            };
            if (digit < 0)
                return -1;
            value = value << 4 | digit;
        }
        return value;
    }

    /// <summary>Writes a code point as UTF-8; what is none becomes a question mark.</summary>
    public static int Write(int codePoint, Span<byte> target)
    {
        if (Rune.IsValid(codePoint))
            return new Rune(codePoint).EncodeToUtf8(target);
        target[0] = (byte)'?';
        return 1;
    }
}
