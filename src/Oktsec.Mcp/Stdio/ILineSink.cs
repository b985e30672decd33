namespace Oktsec.Mcp.Stdio;

/// <summary>Hears what <see cref="LineReader"/> reads. Called by one thread at a time; must not block and must not throw.</summary>
internal interface ILineSink
{
    /// <summary>A line without its end; never empty.</summary>
    /// <param name="rented">The pooled array behind <paramref name="line"/>, which now belongs to the sink; null when not pooled.</param>
    void OnLine(ReadOnlyMemory<byte> line, byte[]? rented);

    /// <summary>A line over the cap has begun: its first bytes. The rest is skipped.</summary>
    void OnLongLine(ReadOnlySpan<byte> head);

    /// <summary>The long line is over: its last bytes.</summary>
    void OnLongLineEnd(ReadOnlySpan<byte> tail);

    /// <summary>Work for after the next read has been started, or null: see <see cref="LineReader"/>.</summary>
    IThreadPoolWorkItem? TakeDeferred();

    /// <summary>The stream is over. Bytes after the last newline are no line and were dropped.</summary>
    void OnEnd(Exception? error);
}
