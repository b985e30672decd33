using Microsoft.AspNetCore.Http;

namespace Oktsec.Mcp.Http;

/// <summary>What a server says by itself, on its way to an agent's GET stream. Bounded; waits while no stream is open.</summary>
/// <remarks>Thread safe. When full, progress and log messages are left out first (<see cref="Backlog"/>).</remarks>
public sealed class EventStream
{
    private readonly Lock _lock = new();
    private readonly Backlog _waiting = new();
    private readonly SemaphoreSlim _arrived = new(0, 1);
    private bool _open;

    /// <summary>Whether an agent listens now.</summary>
    public bool IsOpen
    {
        get { lock (_lock) return _open; }
    }

    /// <summary>Messages left out because nobody read them in time.</summary>
    public long Dropped => _waiting.Dropped;

    /// <summary>What waits for a reader.</summary>
    public long Bytes => _waiting.Bytes;

    /// <summary>Queues a message; false when it had to be refused.</summary>
    public bool TrySend(ReadOnlyMemory<byte> message, bool isDroppable)
    {
        if (!_waiting.TryAdd(message, isDroppable))
            return false;
        lock (_lock)
        {
            if (_arrived.CurrentCount == 0)
                _arrived.Release();
        }
        return true;
    }

    /// <summary>Serves one GET until the client leaves or <paramref name="cancel"/> fires; false when another stream is open already.</summary>
    public Task<bool> ServeAsync(HttpContext http, Heartbeat heartbeat, CancellationToken cancel) => ServeAsync(http, heartbeat, cancel, default);

    /// <summary>The same, with a last message to the client when <paramref name="cancel"/> ends it.</summary>
    internal async Task<bool> ServeAsync(HttpContext http, Heartbeat heartbeat, CancellationToken cancel, ReadOnlyMemory<byte> last)
    {
        lock (_lock)
        {
            if (_open)
                return false;
            _open = true;
        }
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel, http.RequestAborted);
        using var response = new EventResponse(http, stop.Token);
        try
        {
            await response.StartAsync(heartbeat);
            while (true)
            {
                while (_waiting.TryTake(out var message))
                    await response.WriteAsync(message);
                await _arrived.WaitAsync(stop.Token);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            if (!last.IsEmpty && !http.RequestAborted.IsCancellationRequested)
                await response.EndAsync(last);
            return true;
        }
        finally
        {
            lock (_lock)
                _open = false;
        }
    }
}
