using System.Buffers;
using System.Net.ServerSentEvents;

namespace Oktsec.Mcp.Backends;

/// <summary>One event of a stream.</summary>
/// <param name="Data">Empty for an event that only carries an id.</param>
/// <param name="Rented">The pooled array behind the data; null when not pooled.</param>
/// <param name="Tail">The last bytes of an event over the cap, of which the data are the first; null for all others.</param>
internal readonly record struct ServerEvent(string Type, ReadOnlyMemory<byte> Data, byte[]? Rented, byte[]? Tail = null);

/// <summary>An event grew over the cap and does not end.</summary>
internal sealed class EventTooLargeException : IOException;

/// <summary>Reads server-sent events as bytes, under a cap for each: of one over it only the ends are kept, and those behind it are read.</summary>
internal sealed class EventReader
{
    // From here on data is pooled; below, a young object is cheaper than a pooled one that may never come back.
    private const int Pooled = 4096;

    // What an event has besides its data: names, ids and comments.
    private const int Slack = 64 * 1024;

    private const int LongestEventId = 1024; // it comes back in a header; servers refuse long ones

    // 0.1 s: a server that wants us back at once, and ends each stream at once, would have us ask thousands of times a second.
    private static readonly TimeSpan s_shortestRetry = TimeSpan.FromMilliseconds(100);

    private readonly OversizedEvents _stream;
    private readonly SseParser<ServerEvent> _parser;

    public EventReader(Stream stream, int maxBytes)
    {
        _stream = new OversizedEvents(stream, maxBytes + (long)Slack);
        _parser = SseParser.Create(_stream, Copy);
    }

    /// <summary>Where to resume; null when the server gave no id that fits into a header.</summary>
    public string? LastEventId =>
        _parser.LastEventId is { Length: > 0 and <= LongestEventId } id && !id.AsSpan().ContainsAnyExceptInRange(' ', '~') ? id : null;

    /// <summary>How long the server wants us to wait before we come back, if it said so; at least a moment.</summary>
    public TimeSpan? Retry => _parser.ReconnectionInterval is var asked && asked < TimeSpan.Zero ? null : asked > s_shortestRetry ? asked : s_shortestRetry;

    /// <exception cref="EventTooLargeException">An event does not end.</exception>
    /// <exception cref="IOException">The connection broke.</exception>
    public async IAsyncEnumerable<ServerEvent> ReadAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (var item in _parser.EnumerateAsync(cancel))
            yield return item.Data;
    }

    private ServerEvent Copy(string type, ReadOnlySpan<byte> data)
    {
        var tail = type == OversizedEvents.Type && _stream.TryTakeTail(out var last) ? last : null;
        if (data.Length < Pooled)
            return new ServerEvent(type, data.ToArray(), null, tail);
        var rented = ArrayPool<byte>.Shared.Rent(data.Length);
        data.CopyTo(rented);
        return new ServerEvent(type, rented.AsMemory(0, data.Length), rented, tail);
    }
}
