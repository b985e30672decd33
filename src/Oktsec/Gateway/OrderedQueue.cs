namespace Oktsec.Gateway;

/// <summary>Runs items one after another on the pool, in order; costs nothing while idle, so a thousand sessions may each have one.</summary>
internal sealed class OrderedQueue<T>(Func<T, ValueTask> run, Func<T, bool> isDroppable, int capacity)
{
    private readonly Queue<(T? Item, TaskCompletionSource? Marker)> _items = new();
    private readonly Lock _lock = new();
    private bool _running;

    /// <summary>Items refused because the queue was full.</summary>
    public long Dropped { get; private set; }

    /// <summary>Queues an item; false when the queue is full and the item may be dropped, or four times full.</summary>
    public bool TryAdd(T item)
    {
        lock (_lock)
        {
            if (_items.Count >= capacity && (isDroppable(item) || _items.Count >= 4 * capacity))
            {
                Dropped++;
                return false;
            }
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
            }
            if (next.Marker is not null)
                next.Marker.SetResult();
            else
                await run(next.Item!);
        }
    }
}
