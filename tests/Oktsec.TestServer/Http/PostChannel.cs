namespace Oktsec.TestServer.Http;

/// <summary>The answer to one POST: an event stream, or with --json one JSON object when the response comes first.</summary>
internal sealed class PostChannel(HttpContext http, EventLog log, bool preferJson) : Channel
{
    private readonly SemaphoreSlim _one = new(1);
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _decided;
    private bool _isJson;
    private bool _isOver;
    private Task _serving = Task.CompletedTask;

    public override async Task SendAsync(ReadOnlyMemory<byte> message)
    {
        if (!_decided && !_isOver)
            Decide(isJson: preferJson && message.Span.IndexOf("\"method\":"u8) < 0);
        if (!_isJson && _decided)
        {
            await log.SendAsync(message);
            return;
        }
        await _one.WaitAsync();
        try
        {
            if (_isOver)
                return; // a second answer has no place, and one to a client that left no reader
            _isOver = true;
            http.Response.ContentType = "application/json";
            http.Response.ContentLength = message.Length;
            await http.Response.Body.WriteAsync(message);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The client left.
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>The response belongs to the server again; what the tool still says goes nowhere.</summary>
    public async Task CloseAsync()
    {
        await _one.WaitAsync();
        _isOver = true;
        _one.Release();
    }

    public override Task CutAsync(bool gracefully)
    {
        if (!_decided)
            Decide(isJson: false);
        return log.DetachAsync(gracefully);
    }

    /// <summary>Completes when everything was sent, or the client has gone or was let go.</summary>
    public Task Left => _decided && !_isJson ? _serving : _done.Task;

    /// <summary>Opens the stream now, so that a client sees its first bytes before the first message.</summary>
    public void OpenStream()
    {
        http.RequestAborted.Register(() => _done.TrySetResult());
        if (!preferJson)
            Decide(isJson: false);
    }

    /// <summary>The request has been handled: nothing more will come.</summary>
    public void End()
    {
        log.End();
        _done.TrySetResult();
    }

    private void Decide(bool isJson)
    {
        _decided = true;
        _isJson = isJson;
        if (!isJson)
            _serving = log.ServeAsync(http, after: 0);
    }
}
