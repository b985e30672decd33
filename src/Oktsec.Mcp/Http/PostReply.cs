using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Http;
using Oktsec.Mcp.Envelope;

namespace Oktsec.Mcp.Http;

/// <summary>
/// The answer to one POST: JSON when the final message is first, a stream of events when something comes before it, it takes long or the client
/// would rather have one.
/// </summary>
/// <remarks>
/// Thread safe. Once the client is gone every send is a no-op that returns false. Only who waits for the answer waits for a client that reads
/// slowly: what comes before it waits in a <see cref="Backlog"/>.
/// </remarks>
public sealed class PostReply(HttpContext http, Heartbeat heartbeat) : IAsyncDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly CancellationToken _left = http.RequestAborted; // kept: it outlives the request
    private Backlog? _waiting;
    private int _isSending;
    private bool _streaming;
    private volatile bool _finished;
    private bool _letGo;
    private ReplyLog? _log;
    private Func<ValueTask>? _beat;

    /// <summary>Headers to add to the response before it starts.</summary>
    public IHeaderDictionary Headers => http.Response.Headers;

    public bool IsFinished => _finished;

    /// <summary>The client would rather have a stream, whatever comes first. What HTTP itself refuses is JSON all the same.</summary>
    public bool PrefersEvents { get; init; }

    /// <summary>Fires when the client leaves before the reply is finished.</summary>
    public CancellationToken Left => _left;

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

    /// <summary>Where a stream is kept for an agent that knows how to take it up again; null when it does not.</summary>
    public ReplyLogs? Logs { get; set; }

    /// <summary>From now on a reply that takes longer becomes a stream. Called once headers are settled.</summary>
    public void StreamWhenSlow(TimeSpan after)
    {
        _beat = KeepAliveAsync;
        heartbeat.Add(_beat, after);
    }

    /// <summary>Nothing touches the request once this has returned.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_beat is not null)
            heartbeat.Remove(_beat);
        await _turn.WaitAsync();
        _finished = true;
        _turn.Release();
    }

    /// <summary>Ends the stream before the answer, where the agent can come back for it: it polls instead of holding a connection.</summary>
    /// <remarks>MCP 2025-11-25, Transports, "Sending Messages to the Server": the server may close the connection after an event with an id.</remarks>
    public async Task LetGoAsync()
    {
        await _turn.WaitAsync();
        try
        {
            if (Logs is null || _finished || IsGone)
                return;
            // HTTP/1.1 answers nothing else on this connection before the call ends: the agent shall come back on another one.
            if (!_streaming && HttpProtocol.IsHttp11(http.Request.Protocol))
                http.Response.Headers.Connection = "close";
            StartStream();
            WriteWaiting();
            _letGo = true;
            await http.Response.CompleteAsync();
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // It left by itself at the same moment.
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Sends a message before the final one, without waiting for the client. What it does not read in time is left out, if that may be.</summary>
    /// <returns>False when it has no place here: the client is gone, the answer sent, or too much waits that may not be left out.</returns>
    public bool TrySend(ReadOnlyMemory<byte> message, bool isDroppable)
    {
        if (_finished || (IsGone && (_log is null || !_letGo)))
            return false;
        var waiting = LazyInitializer.EnsureInitialized(ref _waiting);
        if (!waiting.TryAdd(message, isDroppable))
            return isDroppable;
        if (Interlocked.Exchange(ref _isSending, 1) == 0)
            _ = SendWaitingAsync(waiting);
        return true;
    }

    /// <summary>Sends the final message and ends the reply.</summary>
    public ValueTask<bool> FinishAsync(ReadOnlyMemory<byte> message, int status = StatusCodes.Status200OK) => SendAsync(message, final: true, status);

    /// <summary>Sends the final message with a few ranges replaced, without a copy of the rest.</summary>
    public async ValueTask<bool> FinishAsync(ReadOnlyMemory<byte> message, List<Edit> edits, int status = StatusCodes.Status200OK)
    {
        await _turn.WaitAsync();
        try
        {
            WriteWaiting();
            var isStream = _streaming || IsStream(status);
            if (isStream || _finished || IsGone)
                return isStream && !_finished && await WriteAsync(Splice.ToArray(message.Span, CollectionsMarshal.AsSpan(edits)), final: true, status);
            _finished = true;
            var length = message.Length;
            foreach (var edit in edits)
                length += edit.Replacement.Length - edit.Range.Length;
            var writer = await StartJsonAsync(length, status);
            Splice.Write(writer, message.Span, CollectionsMarshal.AsSpan(edits));
            return !(await writer.FlushAsync()).IsCompleted;
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
            WriteWaiting();
            _finished = true;
            _log?.Finish();
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
            if (_finished || IsGone)
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
            WriteWaiting();
            return !_finished && await WriteAsync(message, final, status);
        }
        finally
        {
            _turn.Release();
        }
    }

    // One at a time, on the thread of who sent the first while the client keeps up.
    private async Task SendWaitingAsync(Backlog waiting)
    {
        do
        {
            await _turn.WaitAsync();
            try
            {
                while (!_finished && waiting.TryTake(out var message))
                    await WriteAsync(message, final: false, StatusCodes.Status200OK);
            }
            catch (Exception e) when (e is IOException or OperationCanceledException or InvalidOperationException)
            {
                // The client left meanwhile.
            }
            finally
            {
                _turn.Release();
            }
            Volatile.Write(ref _isSending, 0);
        }
        while (!waiting.IsEmpty && !_finished && Interlocked.Exchange(ref _isSending, 1) == 0);
    }

    // What came before goes before. Called in turn, before something is written that ends the reply.
    private void WriteWaiting()
    {
        while (_waiting is not null && !_finished && _waiting.TryTake(out var message))
        {
            if (!IsGone)
                WriteEvent(message.Span, final: false);
            else if (_letGo)
                _log?.Add(message.Span, final: false);
        }
    }

    // An agent that is gone can still come back for what is kept.
    private async ValueTask<bool> WriteAsync(ReadOnlyMemory<byte> message, bool final, int status)
    {
        if (IsGone)
        {
            // What comes before the answer finds another way to an agent that lost the stream, if it listens.
            if (_log is null || !(_letGo || final))
                return false;
            _finished = final;
            _log.Add(message.Span, final);
            return true;
        }
        _finished = final;
        if (final && !_streaming && !IsStream(status))
            (await StartJsonAsync(message.Length, status)).Write(message.Span);
        else
            WriteEvent(message.Span, final);
        return !(await http.Response.BodyWriter.FlushAsync()).IsCompleted || _log is not null;
    }

    private bool IsStream(int status) => PrefersEvents && status == StatusCodes.Status200OK;

    private bool IsGone => _letGo || _left.IsCancellationRequested;

    // Started before anything is written, and with room for all of it: the body goes behind its headers into the one buffer that is sent.
    private async ValueTask<PipeWriter> StartJsonAsync(int length, int status)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = length;
        await http.Response.StartAsync();
        http.Response.BodyWriter.GetSpan(length);
        return http.Response.BodyWriter;
    }

    private void WriteEvent(ReadOnlySpan<byte> message, bool final)
    {
        StartStream();
        ServerSentEvent.Write(http.Response.BodyWriter, message, _log?.Add(message, final) ?? "");
    }

    private void ServerSentEventKeepAlive() => http.Response.BodyWriter.Write(ServerSentEvent.KeepAlive);

    private void StartStream()
    {
        if (_streaming)
            return;
        _streaming = true;
        EventStreamHeaders.Set(http.Response);
        _log = Logs?.Open();
        if (_log is not null)
            ServerSentEvent.WriteOpening(http.Response.BodyWriter, _log.EventId(0));
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
