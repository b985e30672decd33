using Oktsec.Mcp.Envelope;

namespace Oktsec.Mcp.Backends;

/// <summary>One of the three ways to speak MCP over HTTP.</summary>
internal interface IHttpTransport
{
    /// <summary>Whether a request is cancelled by closing its stream, and not by a notification.</summary>
    bool CancelsByLeaving { get; }

    /// <summary>What must be there before the first message.</summary>
    /// <exception cref="BackendUnavailableException">It is not there.</exception>
    Task OpenAsync(CancellationToken cancel);

    /// <summary>Sends a request and takes in what comes back until its response is there. Failures end the call, not this task.</summary>
    Task RequestAsync(PendingCall call);

    /// <summary>Sends a notification or a response.</summary>
    /// <exception cref="BackendUnavailableException">It was not taken.</exception>
    Task SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancel);

    /// <summary>The protocol version that was agreed on: every further message names it.</summary>
    void Speak(string protocolVersion);

    /// <summary>The handshake is done: from now on the server may speak by itself.</summary>
    void Listen();

    /// <summary>Tells the server that the session is over.</summary>
    Task LeaveAsync(CancellationToken cancel);
}

/// <summary>What a transport needs of the connection it serves.</summary>
/// <param name="Lifetime">Fires when the connection is over.</param>
/// <param name="Close">Ends the connection, for this reason.</param>
internal sealed record HttpLink(
    BackendOptions Options, HttpWire Wire, CallTable Calls, Intake Intake, TimeProvider Time, CancellationToken Lifetime, Action<string> Close)
{
    public EventReader Events(Stream stream) => new(stream, Options.Limits.MaxBytes);

    /// <summary>The request's bytes under the connection's id.</summary>
    public static ReadOnlyMemory<byte> Bytes(PendingCall call) =>
        Splice.ToArray(call.Request.Bytes.Span, [new Edit(call.Request.Id, RpcIds.Of(call.Id))]);

    /// <summary>Ends the call that could not be sent, and the connection when the server cannot even be reached.</summary>
    public void Fail(PendingCall call, BackendUnavailableException e)
    {
        if (Calls.Take(call.Id) is null)
            return;
        if (IsGone(e))
            Close(e.Reason);
        call.Fail(e);
    }

    /// <summary>A server that nobody can connect to, or that forgot the session: the next call needs a new connection.</summary>
    public static bool IsGone(BackendUnavailableException e) => !e.Sent;
}
