using System.Buffers;
using Oktsec.Mcp.Envelope;

namespace Oktsec.Mcp.Backends;

/// <summary>MCP 2026-07-28, Streamable HTTP: a POST per request, its answer on that POST's own stream, and nothing besides.</summary>
internal sealed class ModernHttp(HttpLink link) : IHttpTransport
{
    // A server should end the stream after the response. One that does not shall not collect connections of ours.
    private static readonly TimeSpan s_linger = TimeSpan.FromSeconds(2);

    private bool _isSettled;

    /// <summary>"Closing the SSE response stream is the cancellation signal."</summary>
    public bool CancelsByLeaving => true;

    public Task OpenAsync(CancellationToken cancel) => Task.CompletedTask;

    public async Task RequestAsync(PendingCall call)
    {
        using var linger = new CancellationTokenSource(Timeout.InfiniteTimeSpan, link.Time);
        using var exchange = CancellationTokenSource.CreateLinkedTokenSource(link.Lifetime, linger.Token, call.Gone);
        try
        {
            using var response = await link.Wire.SendAsync(Post(HttpLink.Bytes(call), call.Request.Headers), exchange.Token);
            await ReadAnswerAsync(call, response, linger, exchange.Token);
        }
        catch (BackendUnavailableException e)
        {
            link.Fail(call, e);
        }
        catch (EventTooLargeException)
        {
            link.Intake.RefuseTooLarge(call.Id);
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            link.Calls.Fail(call.Id, "broke the connection before the response", sent: true, e);
        }
        catch (OperationCanceledException)
        {
            // The connection is over, or the caller has gone, or the stream went on after the response: nobody waits.
        }
    }

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

    private async Task ReadAnswerAsync(PendingCall call, HttpResponseMessage response, CancellationTokenSource linger, CancellationToken cancel)
    {
        if (!response.IsSuccessStatusCode && await HttpAnswer.ReadErrorAsync(link, call, response, cancel) is { } error)
        {
            link.Calls.Take(call.Id)?.With(error).Queue();
            return;
        }
        ThrowUnlessSuccess(response);
        if (HttpWire.Is(response, WireRequest.Events))
            await ReadEventsAsync(call, response, linger, cancel);
        else if (HttpWire.Is(response, WireRequest.Json))
            await HttpAnswer.ReadJsonAsync(link, call, response, cancel);
        else
            throw link.Wire.Unavailable("answered with neither JSON nor an event stream; see url", sent: true);
        if (link.Calls.IsWaiting(call))
            throw link.Wire.Unavailable("ended its answer without the response", sent: true);
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

    private async Task ReadEventsAsync(PendingCall call, HttpResponseMessage response, CancellationTokenSource linger, CancellationToken cancel)
    {
        var events = link.Events(await response.Content.ReadAsStreamAsync(cancel));
        await foreach (var item in events.ReadAsync(cancel))
        {
            if (item.Type != "message" || item.Data.IsEmpty)
            {
                if (item.Rented is not null)
                    ArrayPool<byte>.Shared.Return(item.Rented);
                continue;
            }
            if (link.Intake.Take(item.Data, item.Rented, call.Request.Origin) is not { } answered)
                continue;
            answered.Queue();
            if (answered == call)
                linger.CancelAfter(s_linger);
        }
    }
}
