using System.Text;

namespace Oktsec.Mcp.Backends;

/// <summary>MCP 2024-11-05, Transports, "HTTP with SSE": everything from the server comes on one stream, everything to it is POSTed elsewhere.</summary>
internal sealed class LegacySse(HttpLink link) : IHttpTransport
{
    private readonly TaskCompletionSource<Uri> _endpoint = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public bool CancelsByLeaving => false;

    public async Task OpenAsync(CancellationToken cancel)
    {
        using var opening = CancellationTokenSource.CreateLinkedTokenSource(cancel, link.Lifetime);
        var response = await link.Wire.SendAsync(new WireRequest(HttpMethod.Get, link.Options.Url!, null, WireRequest.Events), opening.Token);
        try
        {
            link.Wire.ThrowUnlessSuccess(response);
            if (!HttpWire.Is(response, WireRequest.Events))
                throw link.Wire.Unavailable("does not answer with an event stream; see url", sent: false);
        }
        catch
        {
            response.Dispose();
            throw;
        }
        _ = ReadAsync(response);
        await _endpoint.Task.WaitAsync(opening.Token);
    }

    public async Task RequestAsync(PendingCall call)
    {
        try
        {
            await PostAsync(HttpLink.Bytes(call), link.Lifetime);
        }
        catch (BackendUnavailableException e)
        {
            link.Fail(call, e);
        }
        catch (OperationCanceledException)
        {
            // The connection is over, and the call with it.
        }
    }

    public Task SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancel) => PostAsync(message, cancel);

    public void Speak(string protocolVersion)
    {
        // 2024-11-05 has no header for it.
    }

    public void Listen()
    {
        // The stream is there since the beginning.
    }

    public Task LeaveAsync(CancellationToken cancel) => Task.CompletedTask; // closing the stream is all there is

    private async Task PostAsync(ReadOnlyMemory<byte> message, CancellationToken cancel)
    {
        var endpoint = await _endpoint.Task;
        using var response = await link.Wire.SendAsync(Post(message), cancel);

        WireRequest Post(ReadOnlyMemory<byte> body) => new(HttpMethod.Post, endpoint, body, "*/*");
        if (await SessionProbe.IsForgottenAsync(link.Wire, response, Post, cancel))
            throw link.Wire.Unavailable("does not know the session any more", sent: false, new HttpStatusException(404));
        link.Wire.ThrowUnlessSuccess(response);
    }

    private async Task ReadAsync(HttpResponseMessage response)
    {
        var reason = "ended its event stream";
        try
        {
            using (response)
            {
                await foreach (var item in link.Events(await response.Content.ReadAsStreamAsync(link.Lifetime)).ReadAsync(link.Lifetime))
                    Take(item);
            }
        }
        catch (EventTooLargeException)
        {
            // Whose response it was cannot be told any more, or it never ended.
            link.Intake.RefuseTooLarge(null);
            reason = $"sent an event larger than {link.Options.Limits.MaxBytes} bytes (limits.max_result_bytes); ask for less or raise the limit";
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            reason = "broke its event stream";
        }
        catch (OperationCanceledException)
        {
            return;
        }
        finally
        {
            _endpoint.TrySetException(link.Wire.Unavailable("gave no endpoint event; see url", sent: false));
            _ = _endpoint.Task.Exception; // observed, when nobody waits
        }
        link.Close(reason);
    }

    private void Take(ServerEvent item)
    {
        if (item.Type == "endpoint")
            TakeEndpoint(item.Data.Span);
        else
            link.Intake.Take(item, origin: null, isOnly: true)?.Queue();
    }

    // Anywhere else, and a server could have us send requests, with the configured headers, to a host of its choice.
    private void TakeEndpoint(ReadOnlySpan<byte> data)
    {
        if (Uri.TryCreate(link.Options.Url, Encoding.UTF8.GetString(data), out var endpoint) && HttpWire.IsSameOrigin(endpoint, link.Options.Url!))
            _endpoint.TrySetResult(endpoint);
        else
            _endpoint.TrySetException(link.Wire.Unavailable("names an endpoint of another origin, which is refused", sent: false));
    }
}
