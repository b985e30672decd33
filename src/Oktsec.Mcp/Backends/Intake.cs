using System.Buffers;
using System.Text;
using Oktsec.Mcp.Envelope;

namespace Oktsec.Mcp.Backends;

/// <summary>Sorts what a backend says: responses to their calls, ping answered, the rest to the listener.</summary>
/// <param name="answer">Sends our answer to a ping, if there is room.</param>
internal sealed class Intake(
    IBackend backend, BackendOptions options, IBackendListener listener, CallTable calls, Action<ReadOnlyMemory<byte>> answer)
{
    // A ping's id comes back in our answer. SDKs count or use UUIDs; who wants more is testing us.
    private const int LongestPingId = 256;

    private const int LongestNote = 200; // characters: what a status line shows

    private const int InvalidRequest = -32600; // JSON-RPC 2.0, section 5.1

    // Over HTTP several streams are read at once, and the listener is promised one call at a time.
    private readonly Lock _listening = new();
    private bool _isClosed;
    private long _refused;
    private long _noise;
    private string? _lastNoise;

    public long Refused => Interlocked.Read(ref _refused);

    public long Noise => Interlocked.Read(ref _noise);

    public string? LastNoise => Volatile.Read(ref _lastNoise);

    /// <summary>Handles one message.</summary>
    /// <param name="bytes">The message.</param>
    /// <param name="rented">The pooled array behind it, ours from here on; null when not pooled.</param>
    /// <param name="origin">On whose behalf it came, or null when the transport cannot tell.</param>
    /// <returns>The call it completes, ready to be executed; null when it is no response.</returns>
    public PendingCall? Take(ReadOnlyMemory<byte> bytes, byte[]? rented, object? origin)
    {
        if (!EnvelopeReader.TryRead(bytes, options.Limits, out var message, out var error, rented))
        {
            TakeRefused(bytes.Span, error);
            if (rented is not null)
                ArrayPool<byte>.Shared.Return(rented);
            return null;
        }
        if (message.Kind is RpcKind.Response or RpcKind.ErrorResponse)
            return TakeResponse(message);
        if (message.Kind is RpcKind.Request && message.Method == Methods.Ping && backend.Handshake?.Discovered is null)
        {
            AnswerPing(message);
            return null;
        }
        if (message.Kind is RpcKind.Notification && message.Method == Methods.Progress)
            calls.Renew(message.Span(message.ProgressToken));
        lock (_listening)
        {
            if (!_isClosed)
                listener.OnMessage(backend, message, origin);
        }
        return null;
    }

    /// <summary>Handles one event of a stream.</summary>
    /// <param name="item">The event; its array is ours from here on.</param>
    /// <param name="origin">On whose behalf it came, or null when the transport cannot tell.</param>
    /// <param name="own">The call on whose stream it came, if it is a call's.</param>
    /// <param name="isOnly">Whether all calls are answered on this one stream.</param>
    /// <returns>The call it completes, ready to be executed; null when it is no response.</returns>
    /// <exception cref="EventTooLargeException">It is over the cap, and may be the answer to any call of this connection.</exception>
    public PendingCall? Take(ServerEvent item, object? origin, long? own = null, bool isOnly = false)
    {
        if (item is { Type: "message", Data.IsEmpty: false })
            return Take(item.Data, item.Rented, origin);
        if (item.Tail is not null)
            TakeOversized(item.Data.Span, item.Tail, own, isOnly);
        if (item.Rented is not null)
            ArrayPool<byte>.Shared.Return(item.Rented);
        return null;
    }

    /// <summary>The backend ended the stream of a request before its response, and said when to come back.</summary>
    public void LetGo(object? origin)
    {
        lock (_listening)
        {
            if (!_isClosed)
                listener.OnLetGo(origin);
        }
    }

    /// <summary>A message over the cap has begun; the rest is not even kept.</summary>
    /// <param name="id">Whose response it is, when that could be seen.</param>
    public void RefuseTooLarge(long? id)
    {
        if (id is { } known)
            FailTooLarge(known);
        Refuse(new EnvelopeError(
            EnvelopeFault.TooLarge, InvalidRequest, $"the message {TooLarge}", id is { } number ? RpcIds.Of(number) : default, options.Limits.MaxBytes));
    }

    public void FailTooLarge(long id) => FailRefused(id, $"it {TooLarge}");

    /// <summary>The connection is over. Whatever still comes is dropped; the listener hears so once, if it ever had a connection.</summary>
    public void Close(string reason)
    {
        lock (_listening)
        {
            if (_isClosed)
                return;
            _isClosed = true;
            if (backend.Handshake is not null)
                listener.OnClosed(backend, reason);
        }
    }

    private string TooLarge => $"is larger than {options.Limits.MaxBytes} bytes (limits.max_result_bytes); ask for less or raise the limit";

    private PendingCall? TakeResponse(RpcMessage message)
    {
        if (calls.Take(message.Span(message.Id)) is not { } call)
        {
            message.Dispose();
            return null;
        }
        // Every result of MCP is an object. Of what is not ours to know anything may be one; null or nothing for a call looks like success and is none.
        if (message.Kind is RpcKind.ErrorResponse || message.Span(message.Result)[0] == '{' || !Methods.IsKnown(call.Request.Method))
            return call.With(message);
        message.Dispose();
        call.Fail(new BackendUnavailableException(options.Name, "its result is not an object", sent: true) { WasAnswered = true });
        return null;
    }

    private void AnswerPing(RpcMessage ping)
    {
        if (ping.Id.Length <= LongestPingId)
            answer(RpcReply.Result(ping.Span(ping.Id), "{}"u8));
        ping.Dispose();
    }

    // The call it answers fails; whatever else the stream carries goes on.
    private void TakeOversized(ReadOnlySpan<byte> head, ReadOnlySpan<byte> tail, long? own, bool isOnly)
    {
        var mayAnswer = IdPeek.IsAnswer(head) != false;
        var id = mayAnswer ? IdPeek.FromHead(head) ?? IdPeek.FromTail(tail) ?? own : null;
        if (id is null && mayAnswer && isOnly)
            throw new EventTooLargeException();
        RefuseTooLarge(id);
    }

    private void TakeRefused(ReadOnlySpan<byte> bytes, EnvelopeError error)
    {
        // Servers print banners and log lines ("[info] ...") to stdout. What does not try to be a message is noise.
        var text = bytes.TrimStart(" \t"u8);
        if (text.IsEmpty || (text[0] != '{' && error.Fault is not (EnvelopeFault.Batch or EnvelopeFault.ByteOrderMark)))
        {
            Interlocked.Increment(ref _noise);
            Volatile.Write(ref _lastNoise, Encoding.UTF8.GetString(text[..Math.Min(text.Length, LongestNote)]));
            return;
        }
        if (IdPeek.IsAnswer(text) == false)
        {
            // The id, if it has one, is the backend's own.
        }
        else if (error.Fault is EnvelopeFault.TooLarge)
        {
            if ((IdPeek.FromHead(text) ?? IdPeek.FromTail(text)) is { } seen)
                FailTooLarge(seen);
        }
        else if (RpcIds.TryGetNumber(RpcIds.Unquoted(error.Id.IsEmpty ? IdPeek.OfAnswer(text) : error.Id.Span), out var id))
            FailRefused(id, error.Detail);
        Refuse(error);
    }

    private void FailRefused(long id, string detail) => calls.FailAnswered(id, $"its response was refused: {detail}");

    private void Refuse(EnvelopeError error)
    {
        Interlocked.Increment(ref _refused);
        lock (_listening)
        {
            if (!_isClosed)
                listener.OnRefused(backend, error);
        }
    }
}
