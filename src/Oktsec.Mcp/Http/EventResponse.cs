using System.Buffers;
using Microsoft.AspNetCore.Http;

namespace Oktsec.Mcp.Http;

/// <summary>The event stream that answers a GET: one event at a time, and comments that keep it alive.</summary>
internal sealed class EventResponse(HttpContext http, CancellationToken cancel) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);
    private Heartbeat? _heartbeat;
    private Func<ValueTask>? _beat;

    public async Task StartAsync(Heartbeat heartbeat)
    {
        if (!http.Response.HasStarted)
        {
            EventStreamHeaders.Set(http.Response);
            await http.Response.StartAsync(cancel);
            await http.Response.BodyWriter.FlushAsync(cancel);
        }
        _heartbeat = heartbeat;
        _beat = BeatAsync;
        heartbeat.Add(_beat, Heartbeat.KeepAliveEvery);
    }

    /// <summary>Writes a message.</summary>
    public ValueTask WriteAsync(ReadOnlyMemory<byte> message, string id = "") => WriteAsync(message, id, cancel);

    /// <summary>The last message, for a client that is still there when something else ends the stream.</summary>
    public ValueTask EndAsync(ReadOnlyMemory<byte> message)
    {
        StopBeating();
        return WriteAsync(message, "", http.RequestAborted);
    }

    // While something is on its way to a client that does not read, a beat adds nothing.
    private async ValueTask BeatAsync()
    {
        if (!await _turn.WaitAsync(0, cancel))
            return;
        try
        {
            http.Response.BodyWriter.Write(ServerSentEvent.KeepAlive);
            await http.Response.BodyWriter.FlushAsync(cancel);
        }
        finally
        {
            _turn.Release();
        }
    }

    private async ValueTask WriteAsync(ReadOnlyMemory<byte> message, string id, CancellationToken until)
    {
        await _turn.WaitAsync(until);
        try
        {
            ServerSentEvent.Write(http.Response.BodyWriter, message.Span, id);
            await http.Response.BodyWriter.FlushAsync(until);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>No beat writes once this has returned.</summary>
    public void Dispose()
    {
        StopBeating();
        _turn.Wait(CancellationToken.None);
        _turn.Dispose();
    }

    private void StopBeating()
    {
        if (_beat is not null)
            _heartbeat!.Remove(_beat);
    }
}
