using Oktsec.Mcp.Envelope;

namespace Oktsec.Mcp.Backends;

/// <summary>MCP 2026-07-28, Streamable HTTP: a POST per request, its answer on that POST's own stream, and nothing besides.</summary>
internal sealed class ModernHttp(HttpLink link) : IHttpTransport
{
    private bool _isSettled;

    /// <summary>"Closing the SSE response stream is the cancellation signal."</summary>
    public bool CancelsByLeaving => true;

    public Task OpenAsync(CancellationToken cancel) => Task.CompletedTask;

    public Task RequestAsync(PendingCall call) => HttpExchange.RunAsync(
        link, call, Post(HttpLink.Bytes(call), call.Request.Headers), (response, onAnswered, cancel) => ReadAnswerAsync(call, response, onAnswered, cancel));

    public async Task SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancel)
    {
        using var response = await link.Wire.SendAsync(Post(message, []), cancel);
        link.Wire.ThrowUnlessSuccess(response);
    }

    public void Speak(string protocolVersion) => _isSettled = true;

    public void Listen()
    {
        // The server speaks by itself only where it is asked to: see ChangeStream.
    }

    public Task LeaveAsync(CancellationToken cancel) => Task.CompletedTask; // there is no session to end

    private WireRequest Post(ReadOnlyMemory<byte> message, IReadOnlyList<KeyValuePair<string, string>> headers) =>
        new(HttpMethod.Post, link.Options.Url!, message, $"{WireRequest.Json}, {WireRequest.Events}") { Version = Discover.Modern, Headers = headers };

    private async Task ReadAnswerAsync(PendingCall call, HttpResponseMessage response, Action onAnswered, CancellationToken cancel)
    {
        if (!response.IsSuccessStatusCode && await HttpAnswer.ReadErrorAsync(link, call, response, cancel) is { } error)
        {
            link.Calls.Take(call.Id)?.With(error).Queue();
            return;
        }
        ThrowUnlessSuccess(response);
        if (HttpWire.Is(response, WireRequest.Events))
            await ReadEventsAsync(call, response, onAnswered, cancel);
        else if (HttpWire.Is(response, WireRequest.Json))
            await HttpAnswer.ReadJsonAsync(link, call, response, cancel);
        else
            throw link.Wire.Unavailable("answered with neither JSON nor an event stream; see url", sent: true);
    }

    // A refusal of the request as such without an error of this revision is what a server of another era, or none, answers: it did nothing,
    // and must be asked anew what it is (MCP 2026-07-28, Streamable HTTP, "Backward Compatibility").
    private void ThrowUnlessSuccess(HttpResponseMessage response)
    {
        var status = new HttpStatusException((int)response.StatusCode);
        if (_isSettled && status.MayBeLegacy)
        {
            link.Options.Era.Forget();
            throw link.Wire.Unavailable($"{status.Message}; it no longer speaks {Discover.Modern} there", sent: false, status);
        }
        link.Wire.ThrowUnlessSuccess(response);
    }

    private async Task ReadEventsAsync(PendingCall call, HttpResponseMessage response, Action onAnswered, CancellationToken cancel)
    {
        var events = link.Events(await response.Content.ReadAsStreamAsync(cancel));
        await foreach (var item in events.ReadAsync(cancel))
        {
            if (link.Intake.Take(item, call.Request.Origin, call.Id) is not { } answered)
                continue;
            answered.Queue();
            if (answered == call)
                onAnswered();
        }
    }
}
