using Oktsec.Mcp.Backends;
using Oktsec.Mcp.Envelope;

namespace Oktsec.Mcp.Remote;

/// <summary>A server at a URL for one client that speaks stdio: takes the client's messages as they are, gives the server's as lines.</summary>
/// <remarks>
/// Nothing is judged here and nothing changed but line breaks between tokens. Requests run side by side, each on a POST of its own. What
/// the client says after a notification or an answer leaves after it was taken, so that a server sees them in order.
/// </remarks>
internal sealed class RemoteServer : IAsyncDisposable
{
    // Notifications that wait for the ones before them. A server that takes none for so long is read no further.
    private const int MostWaiting = 256;

    // What a server does with a notification is not ours to wait for; one that hangs must not hold up the calls.
    private static readonly TimeSpan s_notePatience = TimeSpan.FromSeconds(30);

    // A server that heard of a cancellation has this long to end its stream.
    private static readonly TimeSpan s_cancelPatience = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _lifetime = new();
    private readonly ExchangeTable _exchanges = new();
    private readonly RemoteOutlet _outlet;
    private readonly RemoteLink _link;
    private readonly PostAnswer _answers;
    private readonly SessionKeeper _sessions;
    private readonly TimeProvider _time;
    private Task _gate = Task.CompletedTask;
    private int _waiting;

    public RemoteServer(BackendOptions options, TimeProvider time, Action<string> onProblem)
    {
        _time = time;
        _outlet = new RemoteOutlet(_exchanges) { TooLarge = TooLarge };
        _link = new RemoteLink(options, new HttpWire(options), _outlet, _exchanges, time, _lifetime.Token, onProblem);
        _answers = new PostAnswer(_link);
        _sessions = new SessionKeeper(_link, _answers);
        _outlet.OnAnswer = (exchange, answer) =>
        {
            _sessions.Heard(exchange, answer);
            _link.Heard(exchange, answer);
        };
    }

    /// <summary>What the server says, in order.</summary>
    public System.Threading.Channels.ChannelReader<RemoteMessage> Messages => _outlet.Messages;

    /// <summary>No request waits for its answer.</summary>
    public bool IsIdle => !_exchanges.AwaitsAnswer;

    /// <summary>The address without path, query and credentials, which may be secrets.</summary>
    public string Origin => $"{_link.Options.Url!.Scheme}://{_link.Options.Url.Authority}";

    /// <summary>What is wrong with the url or the headers, or null.</summary>
    public string? Problem => _link.Wire.Problem();

    /// <summary>Takes one message of the client, without its line end. One caller at a time.</summary>
    public async ValueTask SendAsync(ReadOnlyMemory<byte> bytes)
    {
        var message = ClientMessage.Of(bytes.ToArray());
        if (message.Parsed is { Kind: RpcKind.Notification, Method: Methods.Cancelled, CancelledId.IsEmpty: false } cancelled
            && _exchanges.Find(cancelled.Span(cancelled.CancelledId)) is { } exchange)
        {
            // MCP 2026-07-28, Streamable HTTP: "Closing the SSE response stream MUST be treated by the server as cancellation of that request."
            exchange.Cancel(exchange.IsModern ? TimeSpan.Zero : s_cancelPatience);
            if (exchange.IsModern)
                return;
        }
        if (message.IsRequest || message.Parsed is null)
        {
            Start(message);
            return;
        }
        if (_waiting >= MostWaiting)
            await _gate;
        Interlocked.Increment(ref _waiting);
        _gate = NoteAsync(_gate, message);
    }

    /// <summary>A message that was too large to be kept.</summary>
    public ValueTask RefuseAsync(byte[] id, string reason) => _outlet.FailAsync(new RemoteFailure(id, WasSent: false, reason));

    /// <summary>Nothing more is taken from the server; what was taken can be read.</summary>
    public void CloseOutput() => _outlet.Close();

    public async ValueTask DisposeAsync()
    {
        _outlet.Close();
        await _lifetime.CancelAsync();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(2), _time); // as long as a child gets to end
        await _sessions.LeaveAsync(patience.Token);
    }

    private BackendUnavailableException TooLarge() =>
        _link.Wire.Unavailable($"its answer is larger than {_link.Options.Limits.MaxBytes} bytes (limits.max_result_bytes)", sent: true);

    private void Start(ClientMessage message)
    {
        var exchange = new Exchange(message.Id, _lifetime.Token) { Method = message.Method, IsModern = message.IsModern, IsEndless = message.Method == Methods.Listen };
        _exchanges.Add(exchange);
        var run = RunAsync(_gate, exchange, message);
        if (message.IsInitialize)
            _gate = Task.WhenAny(exchange.Answered, run); // what follows needs the session
    }

    private async Task RunAsync(Task gate, Exchange exchange, ClientMessage message)
    {
        await Task.Yield(); // to connect takes time that the reader of the client need not spend
        try
        {
            await gate;
            await (message.IsInitialize ? _sessions.OpenAsync(exchange, message) : RequestAsync(exchange, message));
        }
        catch (BackendUnavailableException e)
        {
            await _outlet.FailAsync(exchange, e.Sent, e.Reason);
            if (exchange.Id.Length == 0)
                _link.OnProblem(e.Reason);
        }
        catch (SessionGoneException e)
        {
            await _outlet.FailAsync(exchange, wasSent: false, e.Message);
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            await _outlet.FailAsync(exchange, wasSent: true, "broke the connection before the response");
        }
        catch (Exception e) when (e is OperationCanceledException or System.Threading.Channels.ChannelClosedException)
        {
            // The bridge ends, or the client has gone, or the stream went on after the response: nobody waits.
        }
        finally
        {
            _exchanges.Remove(exchange);
            exchange.Dispose();
        }
    }

    // A second time only where the server refused it for the session it came in: then it did nothing.
    private async Task RequestAsync(Exchange exchange, ClientMessage message)
    {
        var session = exchange.IsModern ? RemoteSession.None : _sessions.Current;
        try
        {
            await TryAsync(exchange, message, session);
        }
        catch (SessionGoneException)
        {
            await _sessions.ReopenAsync(session);
            await TryAsync(exchange, message, _sessions.Current);
        }
    }

    private async Task TryAsync(Exchange exchange, ClientMessage message, RemoteSession session)
    {
        if (session.Legacy is { } legacy)
        {
            await legacy.PostAsync(message.Bytes, exchange.Left);
            if (exchange.Id.Length > 0)
                await exchange.Answered.WaitAsync(exchange.Left);
            return;
        }
        using var response = await _link.PostAsync(message, message.Bytes, session, exchange.Left);
        var status = (int)response.StatusCode;
        if (session.Id is not null && (status == 404 || (status == 400 && await _sessions.IsGoneAsync(session, exchange.Left))))
            throw new SessionGoneException("does not know the session any more");
        await _answers.ReadAsync(exchange, session, response);
    }

    private async Task NoteAsync(Task gate, ClientMessage message)
    {
        await Task.Yield();
        try
        {
            await gate;
            using var patience = new CancellationTokenSource(s_notePatience, _time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, _lifetime.Token);
            await PostAsync(message, either.Token);
            if (message.Method == Methods.Initialized)
                _sessions.Initialized(message);
        }
        catch (Exception e) when (e is BackendUnavailableException or SessionGoneException or IOException or HttpRequestException)
        {
            _link.OnProblem($"did not take {(message.Method.Length > 0 ? message.Method : "an answer")}: {(e as BackendUnavailableException)?.Reason ?? e.Message}");
        }
        catch (OperationCanceledException)
        {
            if (!_lifetime.IsCancellationRequested)
                _link.OnProblem("took a notification and does not say so; going on");
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    private async Task PostAsync(ClientMessage message, CancellationToken cancel)
    {
        var session = message.IsModern ? RemoteSession.None : _sessions.Current;
        try
        {
            await _sessions.PostNoteAsync(message, session, cancel);
        }
        catch (SessionGoneException) when (message.Method.Length > 0) // an answer has no place in another session
        {
            await _sessions.ReopenAsync(session);
            await _sessions.PostNoteAsync(message, _sessions.Current, cancel);
        }
    }
}
