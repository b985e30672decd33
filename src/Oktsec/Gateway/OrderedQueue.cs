namespace Oktsec.Gateway;

/// <summary>Runs items one after another on the pool, in order; costs nothing while idle, so a thousand sessions may each have one.</summary>
/// <remarks>Bounded in number and in bytes; what may be dropped is dropped first.</remarks>
internal sealed class OrderedQueue<T>(Func<T, ValueTask> run, Func<T, bool> isDroppable, Func<T, int> sizeOf)
{
    /// <summary>1,024 items, some seconds of a chatty backend; beyond it progress and log messages are shed.</summary>
    private const int Many = 1024;

    /// <summary>4 MiB of them: log lines have some hundred bytes.</summary>
    private const int ManyBytes = 4 * 1024 * 1024;

    /// <summary>The rest may be four times as many, and twice the largest message (32 MiB).</summary>
    private const int Most = 4 * Many;
    private const long MostBytes = 64L * 1024 * 1024;

    private readonly Queue<(T? Item, TaskCompletionSource? Marker)> _items = new();
    private readonly Lock _lock = new();
    private long _bytes;
    private bool _running;

    /// <summary>Items refused because the queue was full.</summary>
    public long Dropped { get; private set; }

    /// <summary>Queues an item; false when the queue is too full for its kind. Into an empty one anything goes.</summary>
    public bool TryAdd(T item)
    {
        lock (_lock)
        {
            var size = sizeOf(item);
            var (count, bytes) = isDroppable(item) ? (Many, ManyBytes) : (Most, MostBytes);
            if (_items.Count > 0 && (_items.Count >= count || _bytes + size > bytes))
            {
                Dropped++;
                return false;
            }
            _bytes += size;
            Add(item, null);
        }
        return true;
    }

    /// <summary>Completes when everything queued before has run; at once when nothing waits or runs.</summary>
    public Task DrainedAsync()
    {
        lock (_lock)
        {
            if (!_running)
                return Task.CompletedTask;
            var marker = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Add(default, marker);
            return marker.Task;
        }
    }

    private void Add(T? item, TaskCompletionSource? marker)
    {
        _items.Enqueue((item, marker));
        if (_running)
            return;
        _running = true;
        ThreadPool.UnsafeQueueUserWorkItem(static queue => _ = queue.RunAsync(), this, preferLocal: false);
    }

    private async Task RunAsync()
    {
        while (true)
        {
            (T? Item, TaskCompletionSource? Marker) next;
            lock (_lock)
            {
                if (!_items.TryDequeue(out next))
                {
                    _running = false;
                    return;
                }
                if (next.Marker is null)
                    _bytes -= sizeOf(next.Item!);
            }
            if (next.Marker is not null)
                next.Marker.SetResult();
            else
                await run(next.Item!);
        }
    }
}
