namespace Oktsec.Mcp.Backends;

/// <summary>The stream on which a server speaks by itself (MCP 2025-11-25, Transports, "Listening for Messages from the Server").</summary>
internal sealed class ServerStream(HttpLink link, Func<string?, WireRequest> get)
{
    // A server that ends the stream in order wants us back soon; a broken one is asked ever less often, at most twice a minute.
    private static readonly TimeSpan s_firstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(30);

    private string? _lastEventId;
    private bool _wasOpen;

    public async Task RunAsync()
    {
        try
        {
            var pause = s_firstPause;
            while (await ListenAsync() is { } ended)
            {
                pause = ended.WasUseful ? s_firstPause : pause * 2 < s_longestPause ? pause * 2 : s_longestPause;
                await Task.Delay(ended.Retry is { } asked && asked < s_longestPause ? asked : pause, link.Time, link.Lifetime);
            }
        }
        catch (BackendUnavailableException e)
        {
            link.Close(e.Reason);
        }
        catch (OperationCanceledException)
        {
            // The connection is over.
        }
    }

    /// <returns>Null when the server offers no such stream.</returns>
    private async Task<(bool WasUseful, TimeSpan? Retry)?> ListenAsync()
    {
        var request = get(_lastEventId);
        using var response = await SendAsync(request);
        if (response is null)
            return (false, null);
        var status = (int)response.StatusCode;
        // 404 is the specified way to forget a session; some say 400.
        if (request.Session is not null && (status == 404 || (status == 400 && _wasOpen)))
            throw link.Wire.Unavailable("does not know the session any more", sent: false);
        if (status >= 500)
            return (false, null);
        if (!response.IsSuccessStatusCode || !HttpWire.Is(response, WireRequest.Events))
            return null; // 405 is the specified way to say so; others say it in theirs
        _wasOpen = true;
        return await ReadAsync(response);
    }

    // A request that reached the server and broke is worth another try; one that cannot be sent is the end of the connection.
    private async Task<HttpResponseMessage?> SendAsync(WireRequest request)
    {
        try
        {
            return await link.Wire.SendAsync(request, link.Lifetime);
        }
        catch (BackendUnavailableException e) when (e.Sent)
        {
            return null;
        }
    }

    private async Task<(bool WasUseful, TimeSpan? Retry)> ReadAsync(HttpResponseMessage response)
    {
        var events = link.Events(await response.Content.ReadAsStreamAsync(link.Lifetime));
        try
        {
            await foreach (var item in events.ReadAsync(link.Lifetime))
                link.Intake.Take(item, origin: null)?.Queue(); // a response only after a resumption
        }
        catch (EventTooLargeException)
        {
            link.Intake.RefuseTooLarge(null);
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            // Cut.
        }
        _lastEventId = events.LastEventId ?? _lastEventId;
        return (true, events.Retry);
    }
}
