using System.Globalization;
using System.Text;
using Oktsec.Mcp.Envelope;

namespace Oktsec.Mcp.Backends;

/// <summary>A request that waits for its response.</summary>
/// <remarks>
/// Its caller continues on the thread that completes it, to save a switch: only a thread that has nothing else to do executes it directly
/// (see <see cref="Stdio.LineReader"/>), everybody else queues it.
/// </remarks>
internal sealed class PendingCall(long id, BackendRequest request, TimeSpan patience) : TaskCompletionSource<RpcMessage>, IThreadPoolWorkItem
{
    private CancellationTokenRegistration _cancel;
    private CancellationTokenSource? _gone;
    private RpcMessage? _response;
    private Exception? _failure;
    private CancellationToken _canceledBy;
    private bool _isBeingWritten;

    public long Id { get; } = id;

    public BackendRequest Request { get; } = request;

    /// <summary>How long without a sign of life; 0 or less = no limit.</summary>
    public TimeSpan Patience { get; } = patience;

    /// <summary>When it was made, or its last progress came (<see cref="TimeProvider.GetTimestamp"/>). Guarded by the table.</summary>
    public long LastSign { get; set; }

    /// <summary>Where its bytes stand in the stream to the backend; null while they have not been accepted. Guarded by the table.</summary>
    public long? Position { get; set; }

    /// <summary>It is being handed to the stream, or was: before <see cref="Position"/> is known.</summary>
    public bool IsBeingWritten { get => Volatile.Read(ref _isBeingWritten); set => Volatile.Write(ref _isBeingWritten, value); }

    /// <summary>Its caller waits no longer. Guarded by the table.</summary>
    public bool IsAbandoned { get; set; }

    /// <summary>Fires when whatever still runs for it may stop. For transports with an exchange per call; asked for before it is sent.</summary>
    public CancellationToken Gone => (_gone ??= new CancellationTokenSource()).Token;

    /// <summary>MCP 2025-11-25, Cancellation.</summary>
    public byte[] Cancelled(string reason) => Encoding.UTF8.GetBytes(string.Create(
        CultureInfo.InvariantCulture,
        $$$"""{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":{{{Id}}},"reason":"{{{reason}}}"}}"""));

    public void LetGo() => _gone?.Cancel();

    /// <summary>Lets the caller's token end it. Called before it is sent: after that its outcome may already be on its way.</summary>
    public void Watch(CallTable table, CancellationToken cancel)
    {
        if (!cancel.CanBeCanceled)
            return;
        _cancel = cancel.UnsafeRegister(
            (_, token) =>
            {
                if (!table.Abandon(this, "the caller cancelled it"))
                    return;
                _canceledBy = token;
                Queue();
            },
            null);
    }

    // Only who took the call out of its table sets an outcome, so it is set once.
    public PendingCall With(RpcMessage response)
    {
        _response = response;
        return this;
    }

    public void Fail(Exception failure)
    {
        _failure = failure;
        Queue();
    }

    public void Queue() => ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);

    public void Execute()
    {
        _cancel.Unregister();
        if (_response is not null)
            SetResult(_response);
        else if (_failure is not null)
            SetException(_failure);
        else
            SetCanceled(_canceledBy);
    }
}
