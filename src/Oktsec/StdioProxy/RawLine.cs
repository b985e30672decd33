namespace Oktsec.StdioProxy;

/// <summary>What a piece of a stream is.</summary>
internal enum RawKind : byte
{
    /// <summary>One line with its end; the last one of a stream may have none.</summary>
    Line,

    /// <summary>A piece of a line that is over the cap; more of it follows.</summary>
    LongPart,

    /// <summary>The last piece of such a line; it may be the only one.</summary>
    LongEnd,

    /// <summary>The stream is over.</summary>
    End,
}

/// <summary>A piece of a stream as it came. All pieces together are the stream, byte for byte.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Bytes">The bytes with their line end; valid until the next piece is asked for.</param>
internal readonly record struct RawLine(RawKind Kind, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>The bytes without their line end (LF or CRLF).</summary>
    public ReadOnlyMemory<byte> Body => Bytes[..(Bytes.Length - EndLength(Bytes.Span))];

    /// <summary>The line end alone.</summary>
    public ReadOnlyMemory<byte> LineEnd => Bytes[Body.Length..];

    /// <summary>Nothing but white space: no message, and no error either.</summary>
    public bool IsBlank => Body.Span.IndexOfAnyExcept(" \t\r"u8) < 0;

    private static int EndLength(ReadOnlySpan<byte> bytes) => bytes.EndsWith("\r\n"u8) ? 2 : bytes.EndsWith("\n"u8) ? 1 : 0;
}
