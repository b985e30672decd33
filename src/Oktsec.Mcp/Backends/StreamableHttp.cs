using Oktsec.Mcp.Envelope;

namespace Oktsec.Mcp.Backends;

/// <summary>MCP 2025-03-26 to 2025-11-25, Transports, "Streamable HTTP".</summary>
internal sealed class StreamableHttp(HttpLink link) : IHttpTransport
{
    private const int LongestSessionId = 1024; // a JWT fits; it goes into a header of every request

    private readonly EventResumption _resumption = new(link);
    private string? _session;
    private string? _version;

    public bool CancelsByLeaving => false;

    public Task OpenAsync(CancellationToken cancel) => Task.CompletedTask;

    public Task RequestAsync(PendingCall call) => HttpExchange.RunAsync(
        link, call, Post(HttpLink.Bytes(call)), (response, onAnswered, cancel) => ReadAnswerAsync(call, response, onAnswered, cancel));

    public async Task SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancel)
    {
        using var response = await link.Wire.SendAsync(Post(message), cancel);
        ThrowUnlessSuccess(response);
    }

    public void Speak(string protocolVersion) => _version = protocolVersion;

    public void Listen() => _ = new ServerStream(link, Get).RunAsync();

    public async Task LeaveAsync(CancellationToken cancel)
    {
        if (_session is null)
            return;
        try
        {
            var request = new WireRequest(HttpMethod.Delete, link.Options.Url!, null, WireRequest.Json) { Session = _session, Version = _version };
            using var response = await link.Wire.SendAsync(request, cancel);
        }
        catch (Exception e) when (e is BackendUnavailableException or OperationCanceledException)
        {
            // It will notice by itself (405, or gone).
        }
    }

    private WireRequest Post(ReadOnlyMemory<byte> message) =>
        new(HttpMethod.Post, link.Options.Url!, message, $"{WireRequest.Json}, {WireRequest.Events}") { Session = _session, Version = _version };

    private WireRequest Get(string? lastEventId) =>
        new(HttpMethod.Get, link.Options.Url!, null, WireRequest.Events) { Session = _session, Version = _version, LastEventId = lastEventId };

    // MCP 2025-11-25, Transports, "Session Management": 404 says that the session is over, and so that this message was not processed.
    private void ThrowUnlessSuccess(HttpResponseMessage response)
    {
        if (_session is not null && (int)response.StatusCode == 404)
            throw Forgotten();
        link.Wire.ThrowUnlessSuccess(response);
    }

    private BackendUnavailableException Forgotten() => link.Wire.Unavailable("does not know the session any more", sent: false, new HttpStatusException(404));

    private async Task ReadAnswerAsync(PendingCall call, HttpResponseMessage response, Action onAnswered, CancellationToken cancel)
    {
        var isInitialize = call.Request.Method == Methods.Initialize;
        if (_session is not null && await SessionProbe.IsForgottenAsync(link.Wire, response, Post, cancel))
            throw Forgotten();
        // Some servers answer a request that they refuse with an error status and the JSON-RPC error as its body.
        if (!response.IsSuccessStatusCode && await HttpAnswer.ReadErrorAsync(link, call, response, cancel) is { } error
            && (!isInitialize || Discover.IsModernError(error)))
        {
            if (!isInitialize)
                ThrowIfModern(error);
            link.Calls.Take(call.Id)?.With(error).Queue();
            return;
        }
        ThrowUnlessSuccess(response);
        if (isInitialize)
            TakeSession(response);
        if (HttpWire.Is(response, WireRequest.Events))
            await _resumption.ReadAsync(call, response, Get, onAnswered, cancel);
        else if (HttpWire.Is(response, WireRequest.Json))
            await HttpAnswer.ReadJsonAsync(link, call, response, cancel);
        else
            throw link.Wire.Unavailable("answered with neither JSON nor an event stream; see url", sent: true);
    }

    // It was replaced by one that knows no sessions, and so did nothing with the request.
    private void ThrowIfModern(RpcMessage error)
    {
        if (!Discover.IsModernError(error))
            return;
        link.Options.Era.Forget();
        throw link.Wire.Unavailable("no longer speaks a revision with sessions", sent: false, new RefusedException());
    }

    private void TakeSession(HttpResponseMessage response)
    {
        if (!response.Headers.TryGetValues("Mcp-Session-Id", out var values))
            return;
        // "The session ID MUST only contain visible ASCII characters (ranging from 0x21 to 0x7E)."
        if (values.ToArray() is not [{ Length: > 0 and <= LongestSessionId } id] || id.AsSpan().ContainsAnyExceptInRange('!', '~'))
            throw link.Wire.Unavailable("gave a session id that is not one of visible ASCII characters", sent: true);
        _session = id;
    }
}
