using Oktsec.Mcp.Envelope;

namespace Oktsec.Mcp.Backends;

/// <summary>A backend of either era, presented as one with a session: finds out which, remembers it, and stands in between where it is the modern one.</summary>
internal sealed class EraBackend : IBackend, ITaskWatch, IBackendListener
{
    private readonly BackendOptions _options;
    private readonly IBackendListener _listener;
    private readonly TimeProvider _time;
    private readonly Func<BackendOptions, IBackendListener, TimeProvider, IBackend> _connect;
    private IBackend _inner;
    private ModernSession? _modern;

    public EraBackend(
        BackendOptions options, IBackendListener listener, TimeProvider time, Func<BackendOptions, IBackendListener, TimeProvider, IBackend> connect)
    {
        (_options, _listener, _time, _connect) = (options, listener, time, connect);
        _inner = connect(options, this, time);
    }

    public string Name => _options.Name;

    public BackendHandshake? Handshake => _inner.Handshake;

    public Task<string> Closed => _inner.Closed;

    public BackendStats Stats => _inner.Stats;

    public async Task ConnectAsync(ReadOnlyMemory<byte> initializeParams, CancellationToken cancel)
    {
        var known = _options.Era.Era;
        try
        {
            await ConnectOnceAsync(initializeParams, cancel);
        }
        catch (BackendUnavailableException e) when (_options.Protocol.Length == 0 && e.InnerException is EndedByProbeException)
        {
            // Told at once what it expects, it may live. If so, that is remembered.
            _options.Era.Remember(Era.Legacy);
            await ConnectAgainAsync(initializeParams, cancel);
        }
        catch (BackendUnavailableException e) when (e.InnerException is EndedByInitializeException)
        {
            _options.Era.Remember(Era.Modern);
            try
            {
                await ConnectAgainAsync(initializeParams, cancel);
            }
            catch (BackendUnavailableException)
            {
                throw e; // no, it just ends; how it first did says more
            }
        }
        catch (BackendUnavailableException e) when (_options.Protocol.Length == 0 && known is Era.Legacy && IsRefusal(e))
        {
            _options.Era.Forget(); // what it was it is no longer
            await ConnectAgainAsync(initializeParams, cancel);
        }
    }

    public Task<RpcMessage> RequestAsync(BackendRequest request, CancellationToken cancel) =>
        _modern is not null ? _modern.RequestAsync(request, cancel)
        : _inner.RequestAsync(request.IsModern && _options.Transport is not BackendTransport.Stdio ? SessionRequest.Of(request) : request, cancel);

    public ValueTask SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancel) =>
        _modern is null ? _inner.SendAsync(message, cancel) : _modern.SendAsync(message, cancel);

    // Of a server with sessions it is a notification of its own, which nobody has to ask for.
    public Task<bool> WatchTaskAsync(string id, CancellationToken cancel) => _modern?.WatchTaskAsync(id, cancel) ?? Task.FromResult(false);

    public Task UnwatchTaskAsync(string id, CancellationToken cancel) => _modern?.UnwatchTaskAsync(id, cancel) ?? Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        _modern?.Stop();
        await _inner.DisposeAsync();
    }

    public void OnMessage(IBackend backend, RpcMessage message, object? origin)
    {
        if (_modern is null || _modern.Admits(message))
            _listener.OnMessage(this, message, origin);
    }

    public void OnLetGo(object? origin) => _listener.OnLetGo(origin);

    public void OnRefused(IBackend backend, EnvelopeError error) => _listener.OnRefused(this, error);

    public void OnClosed(IBackend backend, string reason) => _listener.OnClosed(this, reason);

    /// <summary>Whether the server answered, and said no.</summary>
    public static bool IsRefusal(Exception? e) => e is not null && (e is RefusedException or HttpStatusException || IsRefusal(e.InnerException));

    private async Task ConnectOnceAsync(ReadOnlyMemory<byte> initializeParams, CancellationToken cancel)
    {
        try
        {
            await _inner.ConnectAsync(initializeParams, cancel);
        }
        catch (BackendUnavailableException e) when (e.InnerException is not (EndedByProbeException or EndedByInitializeException))
        {
            if (_options.Era.Era is Era.Modern)
                _options.Era.Forget();
            throw;
        }
        var isModern = _inner.Handshake!.Discovered is not null;
        _options.Era.Remember(isModern ? Era.Modern : Era.Legacy);
        if (isModern)
            (_modern = new ModernSession(_inner, this, _listener, _options, _time, initializeParams)).Start();
    }

    private async Task ConnectAgainAsync(ReadOnlyMemory<byte> initializeParams, CancellationToken cancel)
    {
        _inner = _connect(_options, this, _time);
        try
        {
            await ConnectOnceAsync(initializeParams, cancel);
        }
        catch (BackendUnavailableException)
        {
            _options.Era.Forget();
            throw;
        }
    }
}
