using Oktsec.Core.Configuration;
using Oktsec.Mcp.Backends;
using Oktsec.Mcp.Envelope;

namespace Oktsec.Gateway;

/// <summary>Who hears what a slot's backend says: one session, or all sessions of a shared backend. Calls must not block.</summary>
internal interface IBackendAudience
{
    void OnMessage(BackendSlot slot, RpcMessage message, InFlightCall? origin);

    /// <summary>A message of the backend was refused by the reader.</summary>
    void OnRefused(BackendSlot slot, EnvelopeError error);

    /// <summary>Connected; state such as the logging level and subscriptions is to be told again.</summary>
    ValueTask OnConnectedAsync(BackendSlot slot, IBackend backend);

    void OnLost(BackendSlot slot, string reason);

    /// <summary>A start failed; <paramref name="isNews"/> when it was not down before.</summary>
    void OnDown(BackendSlot slot, string reason, bool isNews);
}

/// <summary>One backend as one session (or all of them, when shared) has it: connects when first needed, and again after a loss.</summary>
internal sealed class BackendSlot : IBackendListener, IAsyncDisposable
{
    private readonly Func<IBackendListener, IBackend> _create;
    private readonly ReadOnlyMemory<byte> _initializeParams;
    private readonly IBackendAudience _audience;
    private readonly BackendHealth _health;
    private readonly CancellationTokenSource _closing = new();
    private readonly Lock _lock = new();
    private Task<IBackend>? _connection;
    private int _inFlight;

    public BackendSlot(
        BackendConfig config, BackendHealth health, ReadOnlyMemory<byte> initializeParams, IBackendAudience audience,
        Func<IBackendListener, IBackend> create)
    {
        Config = config;
        _health = health;
        _initializeParams = initializeParams;
        _audience = audience;
        _create = create;
    }

    public BackendConfig Config { get; }

    public string Name => Config.Name;

    /// <summary>32 MiB: all pages of a list together may be as large as one result.</summary>
    public long MaxListBytes => EnvelopeLimits.FromBackends.MaxBytes;

    public BackendHealth Health => _health;

    /// <summary>Calls under way by their progress token as sent to the backend.</summary>
    public ProgressTokens Progress { get; } = new();

    public int InFlight => Volatile.Read(ref _inFlight);

    /// <summary>The connection if there is one now.</summary>
    public IBackend? Current
    {
        get
        {
            var connection = Volatile.Read(ref _connection);
            return connection is { IsCompletedSuccessfully: true, Result.Closed.IsCompleted: false } ? connection.Result : null;
        }
    }

    /// <summary>The connection, made when there is none.</summary>
    /// <exception cref="BackendUnavailableException">It is down and not due to be tried, or the attempt failed; nothing was sent.</exception>
    public Task<IBackend> ConnectAsync(CancellationToken cancel)
    {
        Task<IBackend> connection;
        lock (_lock)
        {
            if (_closing.IsCancellationRequested)
                throw Stopped();
            if (_connection is null || _connection.IsFaulted || _connection.IsCanceled
                || (_connection.IsCompletedSuccessfully && _connection.Result.Closed.IsCompleted))
            {
                if (_health.PauseLeft() is var pause && pause > TimeSpan.Zero)
                    throw new BackendUnavailableException(Name, $"down ({_health.Reason}); next attempt in {Math.Ceiling(pause.TotalSeconds):0} s", sent: false);
                _connection = Task.Run(StartAsync);
            }
            connection = _connection;
        }
        return connection.IsCompletedSuccessfully || !cancel.CanBeCanceled ? connection : connection.WaitAsync(cancel);
    }

    /// <summary>Sends a request; once more on a new connection when the first provably never carried it, or when it may be made twice.</summary>
    public async Task<RpcMessage> RequestAsync(BackendRequest request, CancellationToken cancel)
    {
        Interlocked.Increment(ref _inFlight);
        try
        {
            var backend = Current ?? await ConnectAsync(cancel);
            try
            {
                return await backend.RequestAsync(request, cancel);
            }
            catch (BackendUnavailableException e) when (!e.Sent || (!e.WasAnswered && Repeatable.Is(request)))
            {
                cancel.ThrowIfCancellationRequested();
                backend = await ConnectAsync(cancel);
                return await backend.RequestAsync(request, cancel);
            }
        }
        finally
        {
            Interlocked.Decrement(ref _inFlight);
        }
    }

    public void OnMessage(IBackend backend, RpcMessage message, object? origin) => _audience.OnMessage(this, message, origin as InFlightCall);

    public void OnLetGo(object? origin) => _ = (origin as InFlightCall)?.Reply.LetGoAsync();

    public void OnRefused(IBackend backend, EnvelopeError error) => _audience.OnRefused(this, error);

    public void OnClosed(IBackend backend, string reason)
    {
        if (!_closing.IsCancellationRequested)
            _audience.OnLost(this, reason);
    }

    /// <summary>Ends the slot once its calls are over, those too that have chosen it and are not begun: a reload drops none of them.</summary>
    public async Task RetireAsync()
    {
        const int quiet = 20; // a second: from the choice to the beginning a call is recorded, and no more
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        for (var idle = 0; idle < quiet && !_closing.IsCancellationRequested && await tick.WaitForNextTickAsync();)
            idle = InFlight > 0 ? 0 : idle + 1;
        await DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        Task<IBackend>? connection;
        lock (_lock)
        {
            if (_closing.IsCancellationRequested)
                return;
            _closing.Cancel();
            connection = _connection;
        }
        if (connection is null)
            return;
        try
        {
            await (await connection).DisposeAsync();
        }
        catch (Exception e) when (e is BackendUnavailableException or OperationCanceledException)
        {
            // It never came up; there is nothing to stop.
        }
    }

    private async Task<IBackend> StartAsync()
    {
        var backend = _create(this);
        try
        {
            await backend.ConnectAsync(_initializeParams, _closing.Token);
        }
        catch (BackendUnavailableException e)
        {
            await backend.DisposeAsync();
            _audience.OnDown(this, e.Reason, _health.Down(e.Reason));
            throw;
        }
        catch (OperationCanceledException e)
        {
            await backend.DisposeAsync();
            throw Stopped(e); // not a cancellation to those who wait: none of them asked for it
        }
        _health.Up(backend.Offers("resources"));
        await _audience.OnConnectedAsync(this, backend);
        return backend;
    }

    private BackendUnavailableException Stopped(Exception? inner = null) => new(Name, "was stopped: its session ended, or it was taken out of the configuration", sent: false, inner);
}
