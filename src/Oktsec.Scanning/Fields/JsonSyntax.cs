using System.Buffers;
using System.Globalization;

namespace Oktsec.Scanning.Fields;

/// <summary>
/// Whether a string is one JSON value, said without an exception: a text of ten thousand strings that only begin and end like objects must not cost ten
/// thousand of them.
/// </summary>
internal ref struct JsonSyntax
{
    private static readonly SearchValues<byte> StringEnds = SearchValues.Create([(byte)'"', (byte)'\\', 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31]);

    private readonly ReadOnlySpan<byte> text;
    private int at;

    private JsonSyntax(ReadOnlySpan<byte> text) => this.text = text;

    /// <summary>What <see cref="System.Text.Json.Utf8JsonReader"/> reads to its end without an error, and whose strings are text.</summary>
    /// <param name="json">UTF-8.</param>
    /// <param name="maxDepth">Of objects and arrays, at most 128.</param>
    public static bool IsValue(ReadOnlySpan<byte> json, int maxDepth)
    {
        var syntax = new JsonSyntax(json);
        return syntax.Document(maxDepth) && syntax.at == json.Length;
    }

    private bool Document(int maxDepth)
    {
        // A bit for each open object or array: set for objects.
        UInt128 objects = 0;
        var depth = 0;
        for (; ; )
        {
            Blanks();
            if (Peek() is '{' or '[')
            {
                if (++depth > maxDepth)
                    return false;
                var isObject = text[at++] == '{';
                objects = objects << 1 | (isObject ? UInt128.One : UInt128.Zero);
                Blanks();
                if (Peek() != (isObject ? '}' : ']'))
                {
                    if (isObject && !Key())
                        return false;
                    continue;
                }
            }
            else
            {
                if (!Scalar())
                    return false;
                Blanks();
            }
            // A value has ended, or stands at the end of an empty one.
            for (; depth > 0 && Peek() == ((objects & 1) != 0 ? '}' : ']'); Blanks())
            {
                at++;
                depth--;
                objects >>= 1;
            }
            if (depth == 0)
                return true;
            if (Peek() != ',')
                return false;
            at++;
            Blanks();
            if ((objects & 1) != 0 && !Key())
                return false;
        }
    }

    private readonly int Peek() => at < text.Length ? text[at] : -1;

    private void Blanks()
    {
        while (at < text.Length && text[at] is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t')
            at++;
    }

    private bool Key()
    {
        if (Peek() != '"' || !String())
            return false;
        Blanks();
        if (Peek() != ':')
            return false;
        at++;
        return true;
    }

    private bool Scalar() => Peek() switch
    {
        '"' => String(),
        't' => Word("true"u8),
        'f' => Word("false"u8),
        'n' => Word("null"u8),
        _ => Number(),
    };

    private bool Word(ReadOnlySpan<byte> word)
    {
        if (!text[at..].StartsWith(word))
            return false;
        at += word.Length;
        return true;
    }

    private bool Number()
    {
        if (Peek() == '-')
            at++;
        var isZero = Peek() == '0';
        var digits = Digits();
        if (digits == 0 || (isZero && digits > 1))
            return false;
        if (Peek() == '.')
        {
            at++;
            if (Digits() == 0)
                return false;
        }
        if (Peek() is not ('e' or 'E'))
            return true;
        at++;
        if (Peek() is '+' or '-')
            at++;
        return Digits() > 0;
    }

    private int Digits()
    {
        var from = at;
        while (at < text.Length && char.IsAsciiDigit((char)text[at]))
            at++;
        return at - from;
    }

    private bool String()
    {
        at++;
        while (text[at..].IndexOfAny(StringEnds) is >= 0 and var skip)
        {
            at += skip + 1;
            if (text[at - 1] == '"')
                return true;
            if (text[at - 1] != '\\' || !Escape())
                return false;
        }
        return false;
    }

    // Behind the backslash. Half of a surrogate pair is no character.
    private bool Escape()
    {
        if (Peek() != 'u')
            return at < text.Length && "\"\\/bfnrt"u8.Contains(text[at++]);
        if (!TryUnit(out var unit) || char.IsLowSurrogate(unit))
            return false;
        return !char.IsHighSurrogate(unit) || (Peek() == '\\' && at++ < text.Length && Peek() == 'u' && TryUnit(out var low) && char.IsLowSurrogate(low));
    }

    private bool TryUnit(out char unit)
    {
        unit = default;
        if (at + 5 > text.Length || !ushort.TryParse(text.Slice(at + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
            return false;
        (unit, at) = ((char)value, at + 5);
        return true;
    }
}
