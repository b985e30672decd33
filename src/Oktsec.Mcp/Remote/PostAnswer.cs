using System.Buffers;
using Oktsec.Mcp.Backends;

namespace Oktsec.Mcp.Remote;

/// <summary>Reads what comes back for one POST, until the answer is there: JSON, or a stream of events that may be taken up again.</summary>
internal sealed class PostAnswer(RemoteLink link)
{
    private const int MaxFruitless = 5; // attempts in a row that bring no event

    // A server should end the stream after the response. One that does not shall not collect connections of ours.
    private static readonly TimeSpan s_linger = TimeSpan.FromSeconds(2);

    // A server that wants us back names the time; without, a second is what browsers take to be polite.
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromMinutes(1);

    /// <exception cref="BackendUnavailableException">There is no answer.</exception>
    public async Task ReadAsync(Exchange exchange, RemoteSession session, HttpResponseMessage response)
    {
        if (!response.IsSuccessStatusCode)
        {
            // Whoever must sign in, or is not let in, is told how; otherwise the server's own error says more, and is judged like all it says.
            if ((int)response.StatusCode is not (401 or 403) && await link.ErrorOfAsync(response, exchange.Id, exchange.Left) is { } error)
                await link.Outlet.SayAsync(error, exchange.Left);
            else
                throw StatusProblem.Of(link.Options, response);
        }
        else if (HttpWire.Is(response, WireRequest.Events))
        {
            await ReadEventsAsync(exchange, session, response);
        }
        else if (HttpWire.Is(response, WireRequest.Json))
        {
            await ReadJsonAsync(exchange, response);
        }
        else if (exchange.Id.Length > 0)
        {
            throw StatusProblem.Of(link.Options, response);
        }
        if (!exchange.IsAnswered && exchange.Id.Length > 0)
            throw link.Wire.Unavailable("ended its answer without the response", sent: true);
    }

    private async Task ReadJsonAsync(Exchange exchange, HttpResponseMessage response)
    {
        if (await CappedBody.ReadAsync(response, link.Options.Limits.MaxBytes, exchange.Left) is not { } body)
            throw link.Outlet.TooLarge();
        try
        {
            if (!body.Memory.IsEmpty)
                await link.Outlet.SayAsync(body.Memory, exchange.Left);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(body.Rented);
        }
    }

    // MCP 2025-11-25, Transports, "Resumability and Redelivery": always by GET with Last-Event-ID; only when the server gave ids.
    private async Task ReadEventsAsync(Exchange exchange, RemoteSession session, HttpResponseMessage first)
    {
        string? lastEventId = null;
        var pause = s_pause;
        var fruitless = 0;
        for (var response = first; ; response = await ResumeAsync(exchange, session, lastEventId, pause))
        {
            using (response)
            {
                var events = link.Events(await response.Content.ReadAsStreamAsync(exchange.Left));
                fruitless = await TakeAllAsync(exchange, events) ? 0 : fruitless + 1;
                lastEventId = events.LastEventId ?? lastEventId;
                pause = events.Retry ?? pause;
            }
            if (exchange.IsAnswered || exchange.IsModern || lastEventId is null || fruitless > MaxFruitless)
                return;
        }
    }

    private async Task<bool> TakeAllAsync(Exchange exchange, EventReader events)
    {
        var any = false;
        try
        {
            await foreach (var item in events.ReadAsync(exchange.Left))
            {
                any = true;
                if (await link.Outlet.SayAsync(item, exchange, isOnly: false, exchange.Left) != exchange)
                    continue;
                if (!exchange.IsAnswered)
                    throw link.Outlet.TooLarge();
                exchange.LeaveAfter(s_linger);
            }
        }
        catch (EventTooLargeException)
        {
            throw link.Outlet.TooLarge();
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            // Cut. What follows is the same as after an early end.
        }
        return any;
    }

    private async Task<HttpResponseMessage> ResumeAsync(Exchange exchange, RemoteSession session, string? lastEventId, TimeSpan pause)
    {
        await Task.Delay(pause < s_longestPause ? pause : s_longestPause, link.Time, exchange.Left);
        try
        {
            var response = await link.Wire.SendAsync(GetStream.Request(link, session, lastEventId), exchange.Left);
            link.Wire.ThrowUnlessSuccess(response);
            return response;
        }
        catch (BackendUnavailableException e)
        {
            // The request itself was sent long ago, whatever became of this one: it must not be sent again.
            throw link.Wire.Unavailable($"its event stream stopped before the response and could not be resumed: {e.Reason}", sent: true, e);
        }
    }
}
