namespace Oktsec.Mcp.Backends;

/// <summary>One POST and what comes back for it, the same in every revision of Streamable HTTP: how long it may last, and how it can fail.</summary>
internal static class HttpExchange
{
    // A server should end the stream after the response. One that does not shall not collect connections of ours.
    private static readonly TimeSpan s_linger = TimeSpan.FromSeconds(2);

    /// <summary>Sends the call's request and reads the answer. A failure ends the call, not this task.</summary>
    /// <param name="read">Takes in the answer; its action says that the call has its response, whatever else the stream still says.</param>
    public static async Task RunAsync(HttpLink link, PendingCall call, WireRequest request, Func<HttpResponseMessage, Action, CancellationToken, Task> read)
    {
        using var linger = new CancellationTokenSource(Timeout.InfiniteTimeSpan, link.Time);
        using var exchange = CancellationTokenSource.CreateLinkedTokenSource(link.Lifetime, linger.Token, call.Gone);
        try
        {
            using var response = await link.Wire.SendAsync(request, exchange.Token);
            await read(response, () => linger.CancelAfter(s_linger), exchange.Token);
            if (link.Calls.IsWaiting(call))
                throw link.Wire.Unavailable("ended its answer without the response", sent: true);
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
}
