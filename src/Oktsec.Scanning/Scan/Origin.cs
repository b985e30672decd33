using System.Runtime.InteropServices;
using Oktsec.Scanning.Fields;
using Oktsec.Scanning.Views;

namespace Oktsec.Scanning.Scan;

/// <summary>Finds the bytes that parts of decoded fields came from.</summary>
/// <remarks>Asked for parts in order, it reads every field once: it goes on from where it last was.</remarks>
internal sealed class Origin
{
    private readonly Dictionary<int, OffsetCursor> cursors = [];

    /// <param name="index">The field's number.</param>
    /// <param name="field">The field.</param>
    /// <param name="source">What its source offsets refer to: the input, or the scan's buffer.</param>
    /// <param name="start">First byte of the part, in the buffer.</param>
    /// <param name="end">Behind its last.</param>
    public (int Start, int End) Of(int index, in Field field, ReadOnlySpan<byte> source, int start, int end)
    {
        var (from, to) = (start - field.Start, end - field.Start);
        var text = source[field.SourceStart..field.SourceEnd];
        (from, to) = field.Via switch
        {
            Decoding.None or Decoding.Json when field.IsEscaped => Json(text, index, from, to),
            Decoding.None or Decoding.Json or Decoding.Rot13 or Decoding.Leet => (from, to),
            Decoding.Reversed => (text.Length - to, text.Length - from),
            Decoding.Url => Escaped<UrlEscapes>(text, index, from, to),
            Decoding.Entities => Escaped<EntityEscapes>(text, index, from, to),
            Decoding.Backslash => Escaped<BackslashEscapes>(text, index, from, to),
            Decoding.QuotedPrintable => Escaped<QuotedPrintableEscapes>(text, index, from, to),
            // Of the others the encoded run stands for the whole: its letters hold parts of several characters.
            _ => (0, text.Length),
        };
        return (field.SourceStart + from, field.SourceStart + to);
    }

    private (int From, int To) Json(ReadOnlySpan<byte> text, int index, int from, int to)
    {
        ref var cursor = ref Cursor(index, from);
        JsonOffsets.ToSource(text, from, after: false, ref cursor);
        var end = cursor;
        JsonOffsets.ToSource(text, to, after: true, ref end);
        return (cursor.Source, end.Source);
    }

    private (int From, int To) Escaped<T>(ReadOnlySpan<byte> text, int index, int from, int to) where T : IEscapes
    {
        ref var cursor = ref Cursor(index, from);
        EscapeDecoder<T>.ToSource(text, from, after: false, ref cursor);
        var end = cursor;
        EscapeDecoder<T>.ToSource(text, to, after: true, ref end);
        return (cursor.Source, end.Source);
    }

    private ref OffsetCursor Cursor(int index, int from)
    {
        ref var cursor = ref CollectionsMarshal.GetValueRefOrAddDefault(cursors, index, out _);
        if (cursor.Decoded > from)
            cursor = default;
        return ref cursor;
    }
}
