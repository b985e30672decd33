using System.Collections.Concurrent;
using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Oktsec.Mcp.Polling;

/// <summary>Waits for all sockets of agents and pipes of children with as many threads as there are cores, each of which handles what it has seen.</summary>
internal sealed class Poller
{
    /// <summary>A worker that has not come back for this long is replaced: whatever it waits for, nobody else shall.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(100);

    // Threads, those that were replaced and are still stuck included.
    private const int MostWorkers = 64;

    private readonly ConcurrentDictionary<long, PolledHandle> _handles = new();
    private readonly List<PollWorker> _workers = [];
    private readonly Timer _watch;
    private readonly TimeSpan _patience;
    private long _lastId;
    private int _running;
    private int _isWatching = 1;

    /// <param name="patience">How long a worker may do one thing before it is replaced.</param>
    public Poller(TimeSpan patience)
    {
        Descriptor = Epoll.epoll_create1(Epoll.CloseOnExec);
        if (Descriptor < 0)
            throw new IOException($"no epoll: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");
        for (var i = 0; i < Math.Max(2, Environment.ProcessorCount); i++)
            _workers.Add(new PollWorker(this));
        foreach (var worker in _workers)
            worker.Start();
        _patience = patience;
        _watch = new Timer(static poller => ((Poller)poller!).ReplaceStuck(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _watch.Change(patience, patience);
    }

    public static Poller Shared { get; } = new(s_patience);

    public int Descriptor { get; }

    /// <summary>Whether anybody looks after the workers: not while all of them wait, so that an idle gateway costs nothing.</summary>
    public bool IsWatching => Volatile.Read(ref _isWatching) != 0;

    public long Add(PolledHandle owner, SafeHandle handle)
    {
        var id = Interlocked.Increment(ref _lastId);
        _handles[id] = owner;
        const uint all = Epoll.In | Epoll.Out | Epoll.ReadHangUp | Epoll.EdgeTriggered;
        if (Epoll.Control(Descriptor, Epoll.Add, handle, all, id) == 0)
            return id;
        _handles.TryRemove(id, out _);
        throw new IOException($"cannot be polled: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");
    }

    public void Remove(PolledHandle owner, SafeHandle handle)
    {
        _handles.TryRemove(owner.Id, out _);
        _ = Epoll.Control(Descriptor, Epoll.Delete, handle, 0, 0);
    }

    /// <summary>A worker's thread begins (1) or ends (-1).</summary>
    public void Count(int change) => Interlocked.Add(ref _running, change);

    /// <summary>Null when it is closed already.</summary>
    public PolledHandle? Find(long id) => _handles.GetValueOrDefault(id);

    /// <summary>A worker that has marked itself busy says so.</summary>
    public void Watch()
    {
        Interlocked.MemoryBarrier(); // its mark is seen by whoever is about to stop watching, or that is seen here
        if (!IsWatching && Interlocked.Exchange(ref _isWatching, 1) == 0)
            _watch.Change(_patience, _patience);
    }

    private void ReplaceStuck()
    {
        lock (_workers)
        {
            if (!_workers.Exists(w => w.IsBusy))
            {
                _watch.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
                Interlocked.Exchange(ref _isWatching, 0);
                if (_workers.Exists(w => w.IsBusy))
                    Watch();
                return;
            }
            for (var i = 0; i < _workers.Count && Volatile.Read(ref _running) < MostWorkers; i++)
            {
                if (!_workers[i].IsStuck())
                    continue;
                _workers[i].Replace();
                _workers[i] = new PollWorker(this);
                _workers[i].Start();
            }
        }
    }
}
