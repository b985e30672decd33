namespace Oktsec.Mcp.Backends;

/// <summary>Reads the event stream that answers one request, and goes on where it stopped when it stops before the response.</summary>
/// <remarks>MCP 2025-11-25, Transports, "Resumability and Redelivery": always by GET with Last-Event-ID; only when the server gave ids.</remarks>
internal sealed class EventResumption(HttpLink link)
{
    private const int MaxFruitless = 5; // attempts in a row that bring no event

    // A server that wants us back names the time; without, a second is what browsers take to be polite.
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);

    // The call has its own timeout; this only keeps a server's "retry" from meaning never.
    private static readonly TimeSpan s_longestPause = TimeSpan.FromMinutes(1);

    /// <summary>Returns when the stream has ended for good, or the call is no longer waiting.</summary>
    public async Task ReadAsync(
        PendingCall call, HttpResponseMessage first, Func<string?, WireRequest> get, Action onAnswered, CancellationToken cancel)
    {
        string? lastEventId = null;
        var pause = s_pause;
        var fruitless = 0;
        for (var response = first; ; response = await ResumeAsync(get(lastEventId), pause, cancel))
        {
            using (response)
            {
                var events = link.Events(await response.Content.ReadAsStreamAsync(cancel));
                fruitless = await TakeAllAsync(call, events, onAnswered, cancel) ? 0 : fruitless + 1;
                lastEventId = events.LastEventId ?? lastEventId;
                pause = events.Retry ?? pause;
                if (!link.Calls.IsWaiting(call) || lastEventId is null || fruitless > MaxFruitless)
                    return;
                if (events.Retry is not null)
                    link.Intake.LetGo(call.Request.Origin);
            }
        }
    }

    private async Task<HttpResponseMessage> ResumeAsync(WireRequest request, TimeSpan pause, CancellationToken cancel)
    {
        await Task.Delay(pause < s_longestPause ? pause : s_longestPause, link.Time, cancel);
        try
        {
            var response = await link.Wire.SendAsync(request, cancel);
            link.Wire.ThrowUnlessSuccess(response);
            return response;
        }
        catch (BackendUnavailableException e)
        {
            // The request itself was sent long ago, whatever became of this one: it must not be sent again.
            throw link.Wire.Unavailable($"its event stream stopped before the response and could not be resumed: {e.Reason}", sent: true, e);
        }
    }

    private async Task<bool> TakeAllAsync(PendingCall call, EventReader events, Action onAnswered, CancellationToken cancel)
    {
        var any = false;
        try
        {
            await foreach (var item in events.ReadAsync(cancel))
            {
                any = true;
                Take(call, item, onAnswered);
            }
        }
        catch (Exception e) when (e is (IOException and not EventTooLargeException) or HttpRequestException)
        {
            // Cut. What follows is the same as after an early end.
        }
        return any;
    }

    private void Take(PendingCall call, ServerEvent item, Action onAnswered)
    {
        if (link.Intake.Take(item, call.Request.Origin, call.Id) is not { } answered)
            return;
        answered.Queue();
        if (answered == call)
            onAnswered();
    }
}
