using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Oktsec.Mcp.Envelope;

namespace Oktsec.Mcp.Remote;

/// <summary>A request that waits for the server's answer.</summary>
/// <param name="id">The raw token of its id; empty for what could not be read, whose answer nobody can tell.</param>
internal sealed class Exchange(byte[] id, CancellationToken lifetime) : IDisposable
{
    private readonly CancellationTokenSource _leave = CancellationTokenSource.CreateLinkedTokenSource(lifetime);
    private readonly TaskCompletionSource<RpcMessage?> _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public byte[] Id { get; } = id;

    public string Method { get; init; } = "";

    /// <summary>A request of 2026-07-28: no session, and to leave it is to cancel it.</summary>
    public bool IsModern { get; init; }

    /// <summary>A stream of changes: its answer comes when one side ends it.</summary>
    public bool IsEndless { get; init; }

    /// <summary>Ours: its answer goes to nobody.</summary>
    public bool IsOwn { get; init; }

    /// <summary>The client waits no longer.</summary>
    public bool IsCancelled { get; private set; }

    /// <summary>Completes with the answer.</summary>
    public Task Answered => _answered.Task;

    public bool IsAnswered => _answered.Task.IsCompletedSuccessfully;

    /// <summary>Fires when nobody waits for what still comes.</summary>
    public CancellationToken Left => _leave.Token;

    public void Answer(RpcMessage? answer) => _answered.TrySetResult(answer);

    public void Break(Exception why) => _answered.TrySetException(why);

    public void Cancel(TimeSpan patience)
    {
        IsCancelled = true;
        LeaveAfter(patience);
    }

    public void LeaveAfter(TimeSpan patience)
    {
        try
        {
            if (patience > TimeSpan.Zero)
                _leave.CancelAfter(patience);
            else
                _leave.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It is over.
        }
    }

    public void Dispose()
    {
        _ = _answered.Task.Exception; // observed, when nobody waits
        _leave.Dispose();
    }
}

/// <summary>The requests under way, by <see cref="RpcIds.Key"/> of their id.</summary>
internal sealed class ExchangeTable
{
    private readonly ConcurrentDictionary<string, Exchange> _byKey = new(StringComparer.Ordinal);

    public bool AwaitsAnswer => _byKey.Values.Any(exchange => !exchange.IsEndless);

    public void Add(Exchange exchange)
    {
        if (exchange.Id.Length > 0)
            _byKey[RpcIds.Key(exchange.Id)] = exchange;
    }

    public void Remove(Exchange exchange)
    {
        if (exchange.Id.Length > 0)
            _byKey.TryRemove(KeyValuePair.Create(RpcIds.Key(exchange.Id), exchange));
    }

    public bool TryTake(ReadOnlySpan<byte> id, [NotNullWhen(true)] out Exchange? exchange) =>
        _byKey.TryRemove(RpcIds.Key(id), out exchange) || _byKey.TryRemove(RpcIds.Key(RpcIds.Unquoted(id)), out exchange);

    public Exchange? Find(ReadOnlySpan<byte> id) => _byKey.GetValueOrDefault(RpcIds.Key(id));

    /// <summary>Ends all that wait: the stream on which their answers were to come has ended.</summary>
    public void BreakAll(Func<Exception> why)
    {
        foreach (var exchange in _byKey.Values)
            exchange.Break(why());
    }
}
