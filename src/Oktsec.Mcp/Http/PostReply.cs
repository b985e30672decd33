using Microsoft.AspNetCore.Http;
using Oktsec.Mcp.Envelope;

namespace Oktsec.Mcp.Http;

/// <summary>The answer to one POST: JSON when the final message is first, a stream of events when something comes before it or it takes long.</summary>
/// <remarks>Thread safe. Once the client is gone every send is a no-op that returns false.</remarks>
public sealed class PostReply(HttpContext http, Heartbeat heartbeat) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);
    private bool _streaming;
    private bool _finished;
    private Func<ValueTask>? _beat;

    /// <summary>Headers to add to the response before it starts.</summary>
    public IHeaderDictionary Headers => http.Response.Headers;

    public bool IsFinished => _finished;

    /// <summary>Fires when the client leaves before the reply is finished.</summary>
    public CancellationToken Left => http.RequestAborted;

    /// <summary>From now on the reply is this stream, until the client leaves or <paramref name="cancel"/> fires; then <paramref name="last"/> ends it.</summary>
    public async Task StreamAsync(EventStream events, ReadOnlyMemory<byte> last, CancellationToken cancel)
    {
        await _turn.WaitAsync(CancellationToken.None);
        try
        {
            (_finished, _streaming) = (true, true); // whatever was about to keep it alive finds it taken
        }
        finally
        {
            _turn.Release();
        }
        await events.ServeAsync(http, heartbeat, cancel, last);
    }

    /// <summary>From now on a reply that takes long becomes a stream. Called once status and headers are settled.</summary>
    public void StreamWhenSlow()
    {
        _beat = KeepAliveAsync;
        heartbeat.Add(_beat, Heartbeat.StreamAfter);
    }

    public void Dispose()
    {
        if (_beat is not null)
            heartbeat.Remove(_beat);
    }

    /// <summary>Sends a message before the final one.</summary>
    public ValueTask<bool> SendInterimAsync(ReadOnlyMemory<byte> message) => SendAsync(message, final: false, StatusCodes.Status200OK);

    /// <summary>Sends the final message and ends the reply.</summary>
    public ValueTask<bool> FinishAsync(ReadOnlyMemory<byte> message, int status = StatusCodes.Status200OK) => SendAsync(message, final: true, status);

    /// <summary>Sends the final message with a few ranges replaced, without a copy of the rest.</summary>
    public async ValueTask<bool> FinishAsync(ReadOnlyMemory<byte> message, IReadOnlyList<Edit> edits, int status = StatusCodes.Status200OK)
    {
        if (_streaming)
            return await FinishAsync(Splice.ToArray(message.Span, edits.ToArray()));
        await _turn.WaitAsync();
        try
        {
            if (_streaming || _finished || http.RequestAborted.IsCancellationRequested)
                return _streaming && await EndStreamAsync(Splice.ToArray(message.Span, edits.ToArray()));
            _finished = true;
            http.Response.StatusCode = status;
            http.Response.ContentType = "application/json";
            http.Response.ContentLength = message.Length + edits.Sum(e => e.Replacement.Length - e.Range.Length);
            Splice.Write(http.Response.BodyWriter, message.Span, edits.ToArray());
            return !(await http.Response.BodyWriter.FlushAsync()).IsCompleted;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Ends the reply without a message: 202 for what needs no answer, or the bare end of a stream that has begun.</summary>
    public async ValueTask FinishEmptyAsync(int status = StatusCodes.Status202Accepted)
    {
        await _turn.WaitAsync();
        try
        {
            if (_finished)
                return;
            _finished = true;
            if (!_streaming)
                http.Response.StatusCode = status;
        }
        finally
        {
            _turn.Release();
        }
    }

    private async ValueTask KeepAliveAsync()
    {
        if (!await _turn.WaitAsync(0))
            return;
        try
        {
            if (_finished || http.RequestAborted.IsCancellationRequested)
                return;
            StartStream();
            ServerSentEventKeepAlive();
            await http.Response.BodyWriter.FlushAsync();
        }
        finally
        {
            _turn.Release();
        }
    }

    private async ValueTask<bool> SendAsync(ReadOnlyMemory<byte> message, bool final, int status)
    {
        await _turn.WaitAsync();
        try
        {
            if (_finished || http.RequestAborted.IsCancellationRequested)
                return false;
            _finished = final;
            if (final && !_streaming)
                WriteJson(message.Span, status);
            else
                WriteEvent(message.Span);
            var flushed = await http.Response.BodyWriter.FlushAsync();
            return !flushed.IsCompleted;
        }
        finally
        {
            _turn.Release();
        }
    }

    private async ValueTask<bool> EndStreamAsync(byte[] message)
    {
        if (_finished)
            return false;
        _finished = true;
        WriteEvent(message);
        return !(await http.Response.BodyWriter.FlushAsync()).IsCompleted;
    }

    private void WriteJson(ReadOnlySpan<byte> message, int status)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = message.Length;
        var writer = http.Response.BodyWriter;
        System.Buffers.BuffersExtensions.Write(writer, message);
    }

    private void WriteEvent(ReadOnlySpan<byte> message)
    {
        StartStream();
        ServerSentEvent.Write(http.Response.BodyWriter, message);
    }

    private void ServerSentEventKeepAlive() => System.Buffers.BuffersExtensions.Write(http.Response.BodyWriter, ServerSentEvent.KeepAlive);

    private void StartStream()
    {
        if (_streaming)
            return;
        _streaming = true;
        EventStreamHeaders.Set(http.Response);
    }
}

/// <summary>The response headers of every event stream.</summary>
internal static class EventStreamHeaders
{
    public static void Set(HttpResponse response)
    {
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-cache, no-transform";
        response.Headers["X-Accel-Buffering"] = "no"; // nginx buffers streams otherwise
    }
}
