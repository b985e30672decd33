namespace Oktsec.TestServer.Http;

/// <summary>One event stream: everything that was sent, and the response that it is written to while there is one.</summary>
internal sealed class EventLog(string name, bool withIds)
{
    private readonly SemaphoreSlim _one = new(1);
    private readonly List<string> _events = [];
    private HttpContext? _reader;
    private bool _ended;

    /// <summary>Completes when the current reader shall be let go.</summary>
    private TaskCompletionSource _detached = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Name => name;

    public bool IsAttached => _reader is not null;

    public async Task SendAsync(ReadOnlyMemory<byte> message, string type = "message")
    {
        await _one.WaitAsync();
        try
        {
            var id = withIds ? $"id: {name}-{_events.Count + 1}\n" : "";
            var data = System.Text.Encoding.Latin1.GetString(message.Span).Replace("\r\n", "\n").Replace('\r', '\n').Replace("\n", "\ndata: ");
            _events.Add($"{id}event: {type}\ndata: {data}\n\n");
            if (_reader is { } reader)
                await WriteAsync(reader, _events[^1]);
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Writes all events after the given one, then those to come; returns when the stream ends or the reader leaves.</summary>
    public async Task ServeAsync(HttpContext http, int after)
    {
        if (!http.Response.HasStarted)
        {
            http.Response.ContentType = "text/event-stream";
            await http.Response.StartAsync();
        }
        await _one.WaitAsync();
        var detached = _detached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            foreach (var missed in _events.Skip(after))
                await WriteAsync(http, missed);
            await http.Response.Body.FlushAsync();
            _reader = http;
            if (_ended)
                detached.TrySetResult();
        }
        finally
        {
            _one.Release();
        }
        using var left = http.RequestAborted.Register(() => detached.TrySetResult());
        await detached.Task;
        _reader = null;
    }

    /// <summary>Lets the reader go: by cutting the connection, or by ending the response in order with a time to come back after.</summary>
    public async Task DetachAsync(bool gracefully)
    {
        if (_reader is not { } reader)
            return;
        _reader = null;
        if (gracefully)
            await WriteAsync(reader, "retry: 1\n\n");
        else
            reader.Abort();
        _detached.TrySetResult();
    }

    public void End()
    {
        _ended = true;
        _detached.TrySetResult();
    }

    private static async Task WriteAsync(HttpContext http, string text)
    {
        try
        {
            await http.Response.Body.WriteAsync(System.Text.Encoding.Latin1.GetBytes(text));
            await http.Response.Body.FlushAsync();
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or InvalidOperationException)
        {
            // The reader left.
        }
    }
}
