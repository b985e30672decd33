using System.Collections.Concurrent;

namespace Oktsec.Mcp.Polling;

/// <summary>One thread of the poller: takes events, handles them, then what they left to be done.</summary>
internal sealed unsafe class PollWorker(Poller poller)
{
    // Few, so that the other workers get their share of what is ready at once.
    private const int MostEvents = 8;

    // Reading 16 KB for attacks takes some 0.2 ms, ten times what passing the work on to the pool costs.
    private const int LongBytes = 16 * 1024;

    [ThreadStatic]
    private static PollWorker? t_current;

    private readonly Lock _gate = new();
    private readonly byte[] _events = GC.AllocateArray<byte>(MostEvents * Epoll.EventSize, pinned: true);
    private readonly ConcurrentQueue<IThreadPoolWorkItem> _next = new();
    private readonly ConcurrentQueue<IThreadPoolWorkItem> _last = new();
    private int _count;
    private int _taken;
    private long _turns;
    private long _seenTurns = -1;
    private volatile bool _isBusy;
    private volatile bool _isReplaced;

    /// <summary>The worker whose thread this is, or null.</summary>
    public static PollWorker? Current => t_current;

    /// <summary>Whether this thread has something else to do in this turn.</summary>
    public bool HasMore => _taken < _count || !_next.IsEmpty;

    /// <summary>Whether work on so many bytes is done by the pool, so that nobody waits for this thread meanwhile.</summary>
    public static bool IsLong(int bytes) => bytes >= LongBytes;

    /// <summary>Runs an item soon: on this thread when it is a worker's, else on the pool.</summary>
    public static void Continue(IThreadPoolWorkItem item)
    {
        if (t_current is { } worker)
            worker._next.Enqueue(item);
        else
            ThreadPool.UnsafeQueueUserWorkItem(item, preferLocal: false);
    }

    public void Start()
    {
        poller.Count(1);
        new Thread(Run) { IsBackground = true, Name = "oktsec poll" }.UnsafeStart();
    }

    /// <summary>Runs an item on this thread when it has nothing else to do.</summary>
    public void Last(IThreadPoolWorkItem item)
    {
        if (!_last.TryPeek(out var first) || first != item) // once is enough
            _last.Enqueue(item);
    }

    public bool IsBusy => _isBusy;

    /// <summary>Whether it still does what it did when asked before.</summary>
    public bool IsStuck()
    {
        var turns = Volatile.Read(ref _turns);
        var isStuck = _isBusy && turns == _seenTurns;
        _seenTurns = turns;
        return isStuck;
    }

    /// <summary>Another worker takes its place: what waits for it goes to the pool, and its thread ends when it comes back.</summary>
    public void Replace()
    {
        _isReplaced = true;
        while (TakeEvent() is { } item)
            ThreadPool.UnsafeQueueUserWorkItem(static e => e.Handle.OnEvent(e.Mask), item, preferLocal: false);
        while (_next.TryDequeue(out var item) || _last.TryDequeue(out item))
            ThreadPool.UnsafeQueueUserWorkItem(item, preferLocal: false);
    }

    private void Run()
    {
        t_current = this;
        while (!_isReplaced)
        {
            int count;
            fixed (byte* events = _events)
                count = Epoll.epoll_wait(poller.Descriptor, events, MostEvents, -1);
            if (count <= 0)
                continue;
            _isBusy = true;
            poller.Watch();
            lock (_gate)
                (_count, _taken) = (count, 0);
            Turn();
            _isBusy = false;
            Volatile.Write(ref _turns, _turns + 1);
        }
        poller.Count(-1);
    }

    private void Turn()
    {
        while (true)
        {
            if (TakeEvent() is { } e)
                e.Handle.OnEvent(e.Mask);
            else if (_next.TryDequeue(out var item) || _last.TryDequeue(out item))
                item.Execute();
            else
                return;
        }
    }

    private (PolledHandle Handle, uint Mask)? TakeEvent()
    {
        lock (_gate)
        {
            while (_taken < _count)
            {
                var (mask, id) = Epoll.Event(_events.AsSpan(_taken++ * Epoll.EventSize));
                if (poller.Find(id) is { } handle)
                    return (handle, mask);
            }
            return null;
        }
    }
}
