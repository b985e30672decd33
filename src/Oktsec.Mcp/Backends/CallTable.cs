using Oktsec.Mcp.Envelope;

namespace Oktsec.Mcp.Backends;

/// <summary>The requests of one connection that wait for their responses, and their timeouts.</summary>
internal sealed class CallTable : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<long, PendingCall> _calls = [];
    private readonly BackendOptions _options;
    private readonly TimeProvider _time;
    private readonly Action<PendingCall> _send;
    private readonly Action<PendingCall, string> _onAbandoned;
    private readonly ITimer _timer;
    private bool _timerRuns;
    private string? _over;
    private long _lastId;
    private long _late;

    /// <param name="options">The backend's.</param>
    /// <param name="time">For the timeouts.</param>
    /// <param name="send">Sends a call that was added; its outcome goes to the call.</param>
    /// <param name="onAbandoned">Tells the backend that nobody waits for a call any more, and why (notifications/cancelled).</param>
    public CallTable(BackendOptions options, TimeProvider time, Action<PendingCall> send, Action<PendingCall, string> onAbandoned)
    {
        _options = options;
        _time = time;
        _send = send;
        _onAbandoned = onAbandoned;
        // One timer per connection, not one per call: it runs out with the oldest call and is set to the next.
        _timer = time.CreateTimer(static state => ((CallTable)state!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public int Count
    {
        get
        {
            lock (_lock)
                return _calls.Values.Count(call => call.Request.Method != Methods.Listen);
        }
    }

    /// <summary>Responses that nobody waited for any more, or ever did.</summary>
    public long Late => Interlocked.Read(ref _late);

    /// <summary>Sends a request and waits for its response, unless its caller has given up or the connection is over.</summary>
    /// <param name="request">The request.</param>
    /// <param name="patience">How long without a sign of life; 0 or less = no limit.</param>
    /// <param name="cancel">The caller's.</param>
    public Task<RpcMessage> SendAsync(BackendRequest request, TimeSpan patience, CancellationToken cancel)
    {
        if (cancel.IsCancellationRequested)
            return Task.FromCanceled<RpcMessage>(cancel);
        PendingCall call;
        try
        {
            call = Add(request, patience);
        }
        catch (BackendUnavailableException e)
        {
            return Task.FromException<RpcMessage>(e);
        }
        call.Watch(this, cancel);
        if (IsWaiting(call)) // else cancelled meanwhile
            _send(call);
        return call.Task;
    }

    private PendingCall Add(BackendRequest request, TimeSpan patience)
    {
        lock (_lock)
        {
            if (_over is not null)
                throw new BackendUnavailableException(_options.Name, _over, sent: false);
            var call = new PendingCall(++_lastId, request, patience) { LastSign = _time.GetTimestamp() };
            _calls.Add(call.Id, call);
            request.Numbered?.Invoke(call.Id);
            if (!_timerRuns && patience > TimeSpan.Zero)
                StartTimer(patience);
            return call;
        }
    }

    /// <summary>Takes out the call that a response belongs to; null and counted when there is none.</summary>
    public PendingCall? Take(ReadOnlySpan<byte> rawId)
    {
        var call = RpcIds.TryGetNumber(RpcIds.Unquoted(rawId), out var id) ? Take(id) : null;
        if (call is null)
            Interlocked.Increment(ref _late);
        return call;
    }

    public PendingCall? Take(long id)
    {
        lock (_lock)
            return _calls.Remove(id, out var call) ? call : null;
    }

    public bool IsWaiting(PendingCall call)
    {
        lock (_lock)
            return _calls.ContainsKey(call.Id);
    }

    /// <summary>The request's bytes have been accepted. Its caller may have given up meanwhile.</summary>
    public void Sent(PendingCall call, long position)
    {
        lock (_lock)
        {
            call.Position = position;
            if (!call.IsAbandoned)
                return;
        }
        _onAbandoned(call, "the caller cancelled it");
    }

    /// <summary>Fails one call whose response, or whose sending, went wrong; nothing happens when it is not waiting.</summary>
    public void Fail(long id, string reason, bool sent, Exception? inner = null) =>
        Take(id)?.Fail(new BackendUnavailableException(_options.Name, reason, sent, inner));

    /// <summary>Fails the call whose response there is, and cannot be used.</summary>
    public void FailAnswered(long id, string reason) =>
        Take(id)?.Fail(new BackendUnavailableException(_options.Name, reason, sent: true) { WasAnswered = true });

    /// <summary>Renews the timeout of the call that progress is reported for.</summary>
    public void Renew(ReadOnlySpan<byte> progressToken)
    {
        if (progressToken.IsEmpty)
            return;
        lock (_lock)
        {
            foreach (var call in _calls.Values)
            {
                if (call.Request.ProgressToken.Span.SequenceEqual(progressToken))
                    call.LastSign = _time.GetTimestamp();
            }
        }
    }

    /// <summary>Takes out a call whose caller waits no longer, and tells the backend when it may know of it.</summary>
    public bool Abandon(PendingCall call, string reason)
    {
        lock (_lock)
        {
            if (!_calls.Remove(call.Id))
                return false;
            call.IsAbandoned = true;
            if (call.Position is null)
                return true;
        }
        // MCP 2025-11-25, Cancellation: "The initialize request MUST NOT be cancelled by clients".
        if (call.Request.Method != Methods.Initialize)
            _onAbandoned(call, reason);
        return true;
    }

    /// <summary>Refuses further calls, for this reason.</summary>
    public void Close(string reason)
    {
        lock (_lock)
            _over ??= reason;
    }

    /// <summary>Refuses further calls and fails those that wait.</summary>
    public void FailAll(string reason, Func<PendingCall, bool> maySent)
    {
        PendingCall[] calls;
        lock (_lock)
        {
            _over = reason;
            calls = [.. _calls.Values];
            _calls.Clear();
        }
        foreach (var call in calls)
            call.Fail(new BackendUnavailableException(_options.Name, reason, maySent(call)));
    }

    public void Dispose() => _timer.Dispose();

    private void OnTimer()
    {
        List<PendingCall> expired = [];
        lock (_lock)
        {
            var next = TimeSpan.MaxValue;
            foreach (var call in _calls.Values.Where(call => call.Patience > TimeSpan.Zero))
            {
                var left = call.Patience - _time.GetElapsedTime(call.LastSign);
                if (left <= TimeSpan.Zero)
                    expired.Add(call);
                else if (left < next)
                    next = left;
            }
            _timerRuns = false;
            if (next < TimeSpan.MaxValue)
                StartTimer(next);
        }
        foreach (var call in expired)
        {
            if (Abandon(call, "it took too long"))
                call.Fail(new TimeoutException(
                    $"backend {_options.Name}: no response to {call.Request.Method} and no progress within {call.Patience.TotalSeconds:0.###} s"));
        }
    }

    private void StartTimer(TimeSpan due)
    {
        _timerRuns = true;
        // A millisecond up, a timer's resolution: it shall not find a call that has some microseconds left.
        _timer.Change(due + TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
    }
}
