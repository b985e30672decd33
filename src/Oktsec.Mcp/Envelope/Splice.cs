using System.Buffers;

namespace Oktsec.Mcp.Envelope;

/// <summary>One replacement: the bytes of <paramref name="Range"/> give way to <paramref name="Replacement"/>. An empty range inserts.</summary>
public readonly record struct Edit(ByteRange Range, ReadOnlyMemory<byte> Replacement);

/// <summary>Changes a few ranges of a message and leaves every other byte as it came.</summary>
public static class Splice
{
    /// <summary>Writes <paramref name="source"/> with the edits applied. Edits are sorted by start and do not overlap.</summary>
    /// <exception cref="ArgumentException">Edits overlap, are unsorted or reach outside the source.</exception>
    public static void Write(IBufferWriter<byte> output, ReadOnlySpan<byte> source, ReadOnlySpan<Edit> edits)
    {
        var at = 0;
        foreach (var edit in edits)
        {
            if (edit.Range.Start < at || edit.Range.End > source.Length)
                throw new ArgumentException("edits overlap, are unsorted or reach outside the source", nameof(edits));
            output.Write(source[at..edit.Range.Start]);
            output.Write(edit.Replacement.Span);
            at = edit.Range.End;
        }
        output.Write(source[at..]);
    }

    /// <summary>The same into a new array.</summary>
    public static byte[] ToArray(ReadOnlySpan<byte> source, ReadOnlySpan<Edit> edits)
    {
        var writer = new ArrayBufferWriter<byte>(source.Length + 64);
        Write(writer, source, edits);
        return writer.WrittenSpan.ToArray();
    }
}
