using System.Collections.Concurrent;

namespace Oktsec.Mcp.Http;

/// <summary>One timer for all open replies and streams: starts the stream of a reply that takes long, and keeps streams alive.</summary>
public sealed class Heartbeat : IDisposable
{
    /// <summary>After a quarter of a second a reply becomes a stream: long enough for ordinary calls, short enough for a person.</summary>
    public static TimeSpan StreamAfter { get; } = TimeSpan.FromMilliseconds(250);

    /// <summary>15 s: half of the shortest idle timeout among common proxies (30 s).</summary>
    public static TimeSpan KeepAliveEvery { get; } = TimeSpan.FromSeconds(15);

    private readonly ConcurrentDictionary<Func<ValueTask>, long> _due = new(ReferenceEqualityComparer.Instance as IEqualityComparer<Func<ValueTask>>);
    private readonly TimeProvider _time;
    private readonly ITimer _timer;

    public Heartbeat(TimeProvider time)
    {
        _time = time;
        _timer = time.CreateTimer(_ => Tick(), null, StreamAfter, StreamAfter / 2);
    }

    /// <summary>Calls <paramref name="beat"/> after <paramref name="first"/>, then every <see cref="KeepAliveEvery"/>, until removed.</summary>
    public void Add(Func<ValueTask> beat, TimeSpan first) => _due[beat] = Due(first);

    public void Remove(Func<ValueTask> beat) => _due.TryRemove(beat, out _);

    public void Dispose() => _timer.Dispose();

    private long Due(TimeSpan after) => _time.GetTimestamp() + (long)(after.TotalSeconds * _time.TimestampFrequency);

    private void Tick()
    {
        var now = _time.GetTimestamp();
        foreach (var (beat, due) in _due)
        {
            if (due <= now && _due.TryUpdate(beat, Due(KeepAliveEvery), due))
                _ = BeatAsync(beat);
        }
    }

    private static async Task BeatAsync(Func<ValueTask> beat)
    {
        try
        {
            await beat();
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or InvalidOperationException or ObjectDisposedException)
        {
            // The client left between two beats; its request ends by itself.
        }
    }
}
