using Oktsec.Mcp.Envelope;

namespace Oktsec.Mcp.Backends;

/// <summary>A backend at a URL: Streamable HTTP of either era, HTTP with SSE, or whichever of them answers.</summary>
internal sealed class HttpBackend : IBackend
{
    // Answers to pings under way: one is what a server that waits for it can have, more are for slow networks.
    private const int MaxAnswering = 16;

    private readonly BackendOptions _options;
    private readonly TimeProvider _time;
    private readonly CallTable _calls;
    private readonly Intake _intake;
    private readonly HttpLink _link;
    private readonly CancellationTokenSource _lifetime = new();
    private readonly TaskCompletionSource<string> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IHttpTransport? _transport;
    private int _answering;

    public HttpBackend(BackendOptions options, IBackendListener listener, TimeProvider time)
    {
        _options = options;
        _time = time;
        _calls = new CallTable(options, time, Send, TellCancelled);
        _intake = new Intake(this, options, listener, _calls, answer => _ = AnswerAsync(answer));
        _link = new HttpLink(options, new HttpWire(options), _calls, _intake, time, _lifetime.Token, reason => Close(reason, leave: false));
    }

    public string Name => _options.Name;

    public BackendHandshake? Handshake { get; private set; }

    public Task<string> Closed => _closed.Task;

    public BackendStats Stats => BackendStats.None with
    {
        InFlight = _calls.Count,
        Refused = _intake.Refused,
        Noise = _intake.Noise,
        LastNoise = _intake.LastNoise,
        LateResponses = _calls.Late,
    };

    public async Task ConnectAsync(ReadOnlyMemory<byte> initializeParams, CancellationToken cancel)
    {
        using var timeout = new CancellationTokenSource(_options.StartTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, timeout.Token);
        try
        {
            if (_link.Wire.Problem() is { } problem)
                throw new BackendUnavailableException(Name, problem, sent: false);
            Handshake = await HandshakeAsync(initializeParams, either.Token);
            if (_closed.Task.IsCompleted)
                throw new BackendUnavailableException(Name, $"{await _closed.Task} right after initialize", sent: false);
        }
        catch (OperationCanceledException e) when (!cancel.IsCancellationRequested)
        {
            throw new BackendUnavailableException(
                Name, $"no answer to initialize within {_options.StartTimeout.TotalSeconds:0.###} s", sent: false, e);
        }
        catch (BackendUnavailableException e) when (e.Sent)
        {
            throw new BackendUnavailableException(Name, e.Reason, sent: false, e);
        }
        finally
        {
            if (Handshake is null || _closed.Task.IsCompleted)
                await DisposeAsync();
        }
    }

    public Task<RpcMessage> RequestAsync(BackendRequest request, CancellationToken cancel) =>
        _calls.SendAsync(request, request.IsStream ? TimeSpan.Zero : _options.CallTimeout, cancel);

    public async ValueTask SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancel)
    {
        if (_lifetime.IsCancellationRequested)
            throw new BackendUnavailableException(Name, await _closed.Task, sent: false);
        using var timeout = new CancellationTokenSource(
            _options.CallTimeout > TimeSpan.Zero ? _options.CallTimeout : Timeout.InfiniteTimeSpan, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, timeout.Token, _lifetime.Token);
        try
        {
            await Transport.SendAsync(message, either.Token);
        }
        catch (BackendUnavailableException e) when (HttpLink.IsGone(e))
        {
            Close(e.Reason, leave: false);
            throw;
        }
        catch (OperationCanceledException e) when (!cancel.IsCancellationRequested)
        {
            throw new BackendUnavailableException(
                Name, timeout.IsCancellationRequested ? "did not take a message in time" : await _closed.Task, sent: true, e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Close("was stopped", leave: true);
        await _stopped.Task;
    }

    private IHttpTransport Transport => _transport ?? throw new InvalidOperationException("not connected");

    private async Task<BackendHandshake> HandshakeAsync(ReadOnlyMemory<byte> initializeParams, CancellationToken cancel)
    {
        if (_options.Transport is BackendTransport.LegacySse)
            return await HandshakeAsync(new LegacySse(_link), initializeParams, cancel);
        var isSilent = false;
        if (_options.MayBeModern)
        {
            (var modern, isSilent) = await DiscoverAsync(initializeParams, _options.IsModernOnly ? Timeout.InfiniteTimeSpan : _options.SilencePatience, cancel);
            if (modern is not null)
                return modern;
        }
        try
        {
            return await OpenSessionAsync(initializeParams, cancel);
        }
        catch (BackendUnavailableException e) when (isSilent && EraBackend.IsRefusal(e) && !_closed.Task.IsCompleted)
        {
            // It was only slow: now it may take its time.
            if ((await DiscoverAsync(initializeParams, Timeout.InfiniteTimeSpan, cancel)).Handshake is { } late)
                return late;
            throw;
        }
    }

    private async Task<BackendHandshake> OpenSessionAsync(ReadOnlyMemory<byte> initializeParams, CancellationToken cancel)
    {
        try
        {
            return await HandshakeAsync(new StreamableHttp(_link), initializeParams, cancel);
        }
        catch (BackendUnavailableException e)
            when (_options.Transport is BackendTransport.HttpAuto && e.InnerException is HttpStatusException { MayBeLegacy: true })
        {
            return await FallBackAsync(e.Reason, initializeParams, cancel);
        }
    }

    /// <summary>Nothing when the server answers like one of the earlier era, whatever it says, or not in time.</summary>
    private async Task<(BackendHandshake? Handshake, bool IsSilent)> DiscoverAsync(ReadOnlyMemory<byte> initializeParams, TimeSpan howLong, CancellationToken cancel)
    {
        _transport = new ModernHttp(_link);
        using var patience = new CancellationTokenSource(howLong, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, patience.Token);
        try
        {
            var response = await _calls.SendAsync(Discover.Request(new ModernMeta(initializeParams)), TimeSpan.Zero, either.Token);
            var (era, handshake) = Discover.Read(_options, response);
            if (era is Era.Modern && handshake is null) // it told its versions by an error, and ours is among them
                (_, handshake) = Discover.Read(_options, await _calls.SendAsync(Discover.Request(new ModernMeta(initializeParams)), TimeSpan.Zero, cancel));
            if (handshake is not null)
                _transport.Speak(handshake.ProtocolVersion);
            return handshake is null && _options.IsModernOnly
                ? throw _link.Wire.Unavailable($"does not speak {Discover.Modern}; see protocol", sent: false) : (handshake, false);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return (null, true);
        }
        catch (BackendUnavailableException e) when (e.Sent && !_options.IsModernOnly && !_closed.Task.IsCompleted)
        {
            return (null, false); // a status, a body that is no answer, or none: initialize will tell
        }
    }

    private async Task<BackendHandshake> FallBackAsync(string refusal, ReadOnlyMemory<byte> initializeParams, CancellationToken cancel)
    {
        try
        {
            return await HandshakeAsync(new LegacySse(_link), initializeParams, cancel);
        }
        catch (BackendUnavailableException e)
        {
            throw new BackendUnavailableException(
                Name, $"speaks neither Streamable HTTP (POST: {refusal}) nor HTTP+SSE (GET: {e.Reason})", sent: false, e);
        }
    }

    private async Task<BackendHandshake> HandshakeAsync(IHttpTransport transport, ReadOnlyMemory<byte> initializeParams, CancellationToken cancel)
    {
        _transport = transport;
        await transport.OpenAsync(cancel);
        var response = await _calls.SendAsync(Initialize.Request(_options.Asking(initializeParams)), TimeSpan.Zero, cancel);
        var handshake = Initialize.Read(Name, response);
        transport.Speak(handshake.ProtocolVersion);
        await transport.SendAsync(Initialize.Initialized, cancel);
        transport.Listen();
        return handshake;
    }

    private void Send(PendingCall call)
    {
        _calls.Sent(call, position: 0);
        _ = Transport.RequestAsync(call);
    }

    private void TellCancelled(PendingCall call, string reason)
    {
        if (Transport.CancelsByLeaving)
            call.LetGo();
        else
            _ = TellCancelledAsync(call, reason);
    }

    // First the notification, then the stream is let go: a server may take a lost stream for a bad network and go on.
    private async Task TellCancelledAsync(PendingCall call, string reason)
    {
        await TrySendAsync(call.Cancelled(reason));
        call.LetGo();
    }

    private async Task AnswerAsync(ReadOnlyMemory<byte> answer)
    {
        if (Interlocked.Increment(ref _answering) <= MaxAnswering)
            await TrySendAsync(answer);
        Interlocked.Decrement(ref _answering);
    }

    // What is lost when the server is gone is of no use to it then.
    private async Task TrySendAsync(ReadOnlyMemory<byte> message)
    {
        try
        {
            await SendAsync(message, CancellationToken.None);
        }
        catch (BackendUnavailableException)
        {
            // The connection is over, or will be with the next call.
        }
    }

    private void Close(string reason, bool leave)
    {
        if (_closed.TrySetResult(reason))
            _ = RunDownAsync(reason, leave);
    }

    private async Task RunDownAsync(string reason, bool leave)
    {
        try
        {
            _calls.FailAll(reason, call => call.Position is not null);
            _intake.Close(reason);
            await _lifetime.CancelAsync();
            if (leave && _transport is { } transport)
            {
                using var timeout = new CancellationTokenSource(_options.StopTimeout, _time);
                await transport.LeaveAsync(timeout.Token);
            }
            _calls.Dispose();
        }
        finally
        {
            _stopped.SetResult();
        }
    }
}
