using Microsoft.AspNetCore.Http;

namespace Oktsec.Mcp.Http;

/// <summary>What a server says by itself, on its way to an agent's GET stream. Bounded; waits while no stream is open.</summary>
/// <remarks>Thread safe. When full, progress and log messages are dropped first, then the oldest notification; requests never.</remarks>
public sealed class EventStream
{
    /// <summary>256 messages: a burst of log lines while the agent reconnects, at most a few MiB.</summary>
    private const int Capacity = 256;

    private readonly Lock _lock = new();
    private readonly LinkedList<(ReadOnlyMemory<byte> Message, bool IsDroppable)> _waiting = new();
    private readonly SemaphoreSlim _arrived = new(0, 1);
    private bool _open;

    /// <summary>Whether an agent listens now.</summary>
    public bool IsOpen
    {
        get { lock (_lock) return _open; }
    }

    /// <summary>Messages dropped because nobody read them in time.</summary>
    public long Dropped { get; private set; }

    /// <summary>Queues a message; false when it had to be refused.</summary>
    public bool TrySend(ReadOnlyMemory<byte> message, bool isDroppable)
    {
        lock (_lock)
        {
            if (_waiting.Count >= Capacity && !MakeRoom(isDroppable))
            {
                Dropped++;
                return false;
            }
            _waiting.AddLast((message, isDroppable));
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
                while (TryTake(out var message))
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

    private bool TryTake(out ReadOnlyMemory<byte> message)
    {
        lock (_lock)
        {
            message = _waiting.First?.Value.Message ?? default;
            if (_waiting.Count > 0)
                _waiting.RemoveFirst();
            return !message.IsEmpty;
        }
    }

    private bool MakeRoom(bool forDroppable)
    {
        for (var node = _waiting.First; node is not null; node = node.Next)
        {
            if (!node.Value.IsDroppable)
                continue;
            _waiting.Remove(node);
            Dropped++;
            return true;
        }
        return !forDroppable && _waiting.Count < 4 * Capacity; // requests and list_changed may use three more
    }
}
