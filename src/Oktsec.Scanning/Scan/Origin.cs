using Oktsec.Scanning.Fields;
using Oktsec.Scanning.Views;

namespace Oktsec.Scanning.Scan;

/// <summary>Finds the bytes that a part of a decoded field came from.</summary>
internal static class Origin
{
    /// <param name="field">The field.</param>
    /// <param name="source">What its source offsets refer to: the input, or the scan's buffer.</param>
    /// <param name="start">First byte of the part, in the buffer.</param>
    /// <param name="end">Behind its last.</param>
    public static (int Start, int End) Of(Field field, ReadOnlySpan<byte> source, int start, int end)
    {
        var (from, to) = (start - field.Start, end - field.Start);
        var text = source[field.SourceStart..field.SourceEnd];
        (from, to) = field.Via switch
        {
            Decoding.None or Decoding.Json when field.IsEscaped => (JsonOffsets.ToSource(text, from, after: false), JsonOffsets.ToSource(text, to, after: true)),
            Decoding.None or Decoding.Json or Decoding.Rot13 or Decoding.Leet => (from, to),
            Decoding.Reversed => (text.Length - to, text.Length - from),
            Decoding.Url => Escaped<UrlEscapes>(text, from, to),
            Decoding.Entities => Escaped<EntityEscapes>(text, from, to),
            Decoding.Backslash => Escaped<BackslashEscapes>(text, from, to),
            Decoding.QuotedPrintable => Escaped<QuotedPrintableEscapes>(text, from, to),
            // Of the others the encoded run stands for the whole: its letters hold parts of several characters.
            _ => (0, text.Length),
        };
        return (field.SourceStart + from, field.SourceStart + to);
    }

    private static (int From, int To) Escaped<T>(ReadOnlySpan<byte> text, int from, int to) where T : IEscapes =>
        (EscapeDecoder<T>.ToSource(text, from, after: false), EscapeDecoder<T>.ToSource(text, to, after: true));
}
