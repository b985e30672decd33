using System.Buffers;
using System.Net.ServerSentEvents;
using Oktsec.Mcp.Stdio;

namespace Oktsec.Mcp.Backends;

/// <summary>One event of a stream.</summary>
/// <param name="Data">Empty for an event that only carries an id.</param>
/// <param name="Rented">The pooled array behind the data; null when not pooled.</param>
internal readonly record struct ServerEvent(string Type, ReadOnlyMemory<byte> Data, byte[]? Rented);

/// <summary>An event grew over the cap.</summary>
internal sealed class EventTooLargeException : IOException;

/// <summary>Reads server-sent events as bytes, under a cap for each.</summary>
internal sealed class EventReader
{
    // From here on data is pooled; below, a young object is cheaper than a pooled one that may never come back.
    private const int Pooled = 4096;

    // What an event has besides its data: names, ids, comments, and what was read of the next.
    private const int Slack = 64 * 1024;

    private const int LongestEventId = 1024; // it comes back in a header; servers refuse long ones

    private readonly CappedStream _stream;
    private readonly SseParser<ServerEvent> _parser;

    public EventReader(Stream stream, int maxBytes)
    {
        _stream = new CappedStream(stream, maxBytes + (long)Slack);
        _parser = SseParser.Create(_stream, Copy);
    }

    /// <summary>Where to resume; null when the server gave no id that fits into a header.</summary>
    public string? LastEventId =>
        _parser.LastEventId is { Length: > 0 and <= LongestEventId } id && !id.AsSpan().ContainsAnyExceptInRange(' ', '~') ? id : null;

    /// <summary>How long the server wants us to wait before we come back, if it said so.</summary>
    public TimeSpan? Retry => _parser.ReconnectionInterval >= TimeSpan.Zero ? _parser.ReconnectionInterval : null;

    /// <exception cref="EventTooLargeException">An event is over the cap.</exception>
    /// <exception cref="IOException">The connection broke.</exception>
    public async IAsyncEnumerable<ServerEvent> ReadAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (var item in _parser.EnumerateAsync(cancel))
        {
            _stream.Restart();
            yield return item.Data;
        }
    }

    private static ServerEvent Copy(string type, ReadOnlySpan<byte> data)
    {
        if (data.Length < Pooled)
            return new ServerEvent(type, data.ToArray(), null);
        var rented = ArrayPool<byte>.Shared.Rent(data.Length);
        data.CopyTo(rented);
        return new ServerEvent(type, rented.AsMemory(0, data.Length), rented);
    }

    /// <summary>Counts what was read since the last event.</summary>
    private sealed class CappedStream(Stream inner, long cap) : OneWayStream(FileAccess.Read)
    {
        private long _count;

        public void Restart() => _count = 0;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await inner.ReadAsync(buffer, cancellationToken);
            _count += read;
            return _count <= cap ? read : throw new EventTooLargeException();
        }
    }
}
