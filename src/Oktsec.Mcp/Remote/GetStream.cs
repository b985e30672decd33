using Oktsec.Mcp.Backends;

namespace Oktsec.Mcp.Remote;

/// <summary>The stream on which a server speaks by itself (MCP 2025-11-25, Transports, "Listening for Messages from the Server").</summary>
internal sealed class GetStream(RemoteLink link, RemoteSession session, Func<RemoteSession, Task> reopen)
{
    // A server that ends the stream in order wants us back soon; a broken one is asked ever less often, at most twice a minute.
    private static readonly TimeSpan s_firstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(30);

    private string? _lastEventId;
    private bool _wasOpen;

    public static WireRequest Request(RemoteLink link, RemoteSession session, string? lastEventId) =>
        new(HttpMethod.Get, link.Options.Url!, null, WireRequest.Events) { Session = session.Id, Version = session.Version, LastEventId = lastEventId };

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
        catch (SessionGoneException)
        {
            await ReopenAsync();
        }
        catch (Exception e) when (e is OperationCanceledException or System.Threading.Channels.ChannelClosedException)
        {
            // The bridge ends.
        }
    }

    // Now, not with the next call: what the server has to say by itself must not wait for that.
    private async Task ReopenAsync()
    {
        try
        {
            await reopen(session);
        }
        catch (BackendUnavailableException e)
        {
            link.OnProblem(e.Reason); // the next call tries again
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or HttpRequestException or SessionGoneException)
        {
            // The same, or the bridge ends.
        }
    }

    /// <returns>Null when the server offers no such stream.</returns>
    private async Task<(bool WasUseful, TimeSpan? Retry)?> ListenAsync()
    {
        using var response = await SendAsync();
        if (response is null || (int)response.StatusCode >= 500)
            return (false, null);
        // 404 is the specified way to forget a session; some say 400.
        if (session.Id is not null && ((int)response.StatusCode == 404 || ((int)response.StatusCode == 400 && _wasOpen)))
            throw new SessionGoneException("does not know the session any more");
        if (!response.IsSuccessStatusCode || !HttpWire.Is(response, WireRequest.Events))
            return _wasOpen ? (false, null) : null; // 405 is the specified way to say so, others say it in theirs; 409 says that the last one is not over yet
        _wasOpen = true;
        return await ReadAsync(response);
    }

    private async Task<HttpResponseMessage?> SendAsync()
    {
        try
        {
            return await link.Wire.SendAsync(Request(link, session, _lastEventId), link.Lifetime);
        }
        catch (BackendUnavailableException)
        {
            return null;
        }
    }

    private async Task<(bool WasUseful, TimeSpan? Retry)> ReadAsync(HttpResponseMessage response)
    {
        EventReader? events = null;
        try
        {
            events = link.Events(await response.Content.ReadAsStreamAsync(link.Lifetime));
            await foreach (var item in events.ReadAsync(link.Lifetime))
                await link.Outlet.SayAsync(item, own: null, isOnly: false, link.Lifetime);
        }
        catch (EventTooLargeException)
        {
            link.OnProblem($"sent an event larger than {link.Options.Limits.MaxBytes} bytes (limits.max_result_bytes), which does not end");
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            // Cut.
        }
        _lastEventId = events?.LastEventId ?? _lastEventId;
        return (events is not null, events?.Retry);
    }
}
