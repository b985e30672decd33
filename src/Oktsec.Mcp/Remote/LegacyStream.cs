using System.Buffers;
using System.Text;
using Oktsec.Mcp.Backends;

namespace Oktsec.Mcp.Remote;

/// <summary>MCP 2024-11-05, Transports, "HTTP with SSE": everything from the server comes on one stream, everything to it is POSTed elsewhere.</summary>
internal sealed class LegacyStream
{
    private readonly RemoteLink _link;
    private readonly TaskCompletionSource<Uri> _endpoint = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private LegacyStream(RemoteLink link) => _link = link;

    /// <summary>The stream has ended, and the session with it.</summary>
    public bool IsOver { get; private set; }

    /// <exception cref="BackendUnavailableException">There is no such stream.</exception>
    public static async Task<LegacyStream> OpenAsync(RemoteLink link, CancellationToken cancel)
    {
        var stream = new LegacyStream(link);
        var response = await link.Wire.SendAsync(new WireRequest(HttpMethod.Get, link.Options.Url!, null, WireRequest.Events), cancel);
        if (!response.IsSuccessStatusCode || !HttpWire.Is(response, WireRequest.Events))
        {
            using (response)
                throw response.IsSuccessStatusCode ? link.Wire.Unavailable("does not answer with an event stream; see --url", sent: false) : StatusProblem.Of(link.Options, response);
        }
        _ = stream.ReadAsync(response);
        await stream._endpoint.Task.WaitAsync(cancel);
        return stream;
    }

    /// <exception cref="SessionGoneException">The server does not know the session any more.</exception>
    /// <exception cref="BackendUnavailableException">It was not taken.</exception>
    public async Task PostAsync(ReadOnlyMemory<byte> message, CancellationToken cancel)
    {
        if (IsOver)
            throw new SessionGoneException("ended its event stream");
        using var response = await _link.Wire.SendAsync(new WireRequest(HttpMethod.Post, await _endpoint.Task, message, "*/*"), cancel);
        if ((int)response.StatusCode is 404)
            throw new SessionGoneException("does not know the session any more");
        if (!response.IsSuccessStatusCode)
            throw StatusProblem.Of(_link.Options, response);
    }

    private async Task ReadAsync(HttpResponseMessage response)
    {
        var reason = "ended its event stream before the response";
        try
        {
            using (response)
            {
                var events = _link.Events(await response.Content.ReadAsStreamAsync(_link.Lifetime));
                await foreach (var item in events.ReadAsync(_link.Lifetime))
                {
                    if (item.Type == "endpoint")
                        TakeEndpoint(item);
                    else
                        await _link.Outlet.SayAsync(item, own: null, isOnly: true, _link.Lifetime);
                }
            }
        }
        catch (EventTooLargeException)
        {
            reason = $"sent an event larger than {_link.Options.Limits.MaxBytes} bytes (limits.max_result_bytes)";
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            reason = "broke its event stream before the response";
        }
        catch (Exception e) when (e is OperationCanceledException or System.Threading.Channels.ChannelClosedException)
        {
            // The bridge ends.
        }
        IsOver = true;
        _endpoint.TrySetException(_link.Wire.Unavailable("gave no endpoint event; see --url", sent: false));
        _ = _endpoint.Task.Exception; // observed, when nobody waits
        _link.Exchanges.BreakAll(() => _link.Wire.Unavailable(reason, sent: true));
    }

    // Anywhere else, and a server could have us send requests, with the configured headers, to a host of its choice.
    private void TakeEndpoint(ServerEvent item)
    {
        if (Uri.TryCreate(_link.Options.Url, Encoding.UTF8.GetString(item.Data.Span), out var endpoint) && HttpWire.IsSameOrigin(endpoint, _link.Options.Url!))
            _endpoint.TrySetResult(endpoint);
        else
            _endpoint.TrySetException(_link.Wire.Unavailable("names an endpoint of another origin, which is refused", sent: false));
        if (item.Rented is not null)
            ArrayPool<byte>.Shared.Return(item.Rented);
    }
}
