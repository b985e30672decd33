using Oktsec.Mcp.Envelope;

namespace Oktsec.Mcp.Backends;

/// <summary>One subscriptions/listen request, from the asking to the end of its stream.</summary>
internal sealed class Listening(CancellationToken stop)
{
    private const int MethodNotFound = -32601;

    private readonly CancellationTokenSource _end = CancellationTokenSource.CreateLinkedTokenSource(stop);
    private readonly TaskCompletionSource _settled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile ChangeFilter? _agreed;

    /// <summary>The request's id, which is the subscription's too.</summary>
    public long Id { get; set; } = -1;

    /// <summary>Completes with the acknowledgement, or with the end of the stream.</summary>
    public Task Settled => _settled.Task;

    public bool IsAcknowledged => _agreed is not null;

    /// <summary>Another stream took its place.</summary>
    public bool IsReplaced { get; private set; }

    /// <summary>The error it ended with, if one.</summary>
    public RpcMessage? Error { get; private set; }

    /// <summary>The server has no such streams.</summary>
    public bool IsUnknown => Error is { } error && Discover.Code(error.Span(error.Error)) == MethodNotFound;

    /// <summary>Fires when it is to end: over HTTP the stream is closed, over stdio the server is told.</summary>
    public CancellationToken Ending => _end.Token;

    public bool Honours(string uri) => _agreed?.Uris.Contains(uri) == true;

    public bool HonoursTask(string id) => _agreed?.Tasks.Contains(id) == true;

    public void Acknowledge(RpcMessage message)
    {
        _agreed = ChangeFilter.Agreed(message);
        _settled.TrySetResult();
    }

    public void Replace()
    {
        IsReplaced = true;
        End();
    }

    public void End() => _ = _end.CancelAsync();

    public void Ended(RpcMessage? response)
    {
        if (response is { Kind: RpcKind.ErrorResponse })
            Error = response;
        _settled.TrySetResult();
    }
}
