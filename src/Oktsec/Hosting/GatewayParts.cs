using Microsoft.Extensions.Logging;
using Oktsec.Configuration;
using Oktsec.Core.Configuration;
using Oktsec.Core.Pipeline;
using Oktsec.Core.Policy;
using Oktsec.Gateway;
using Oktsec.Gateway.Stateless;
using Oktsec.Identity;
using Oktsec.Mcp.Http;
using Oktsec.Scanning;
using Oktsec.Storage;
using Oktsec.Storage.Sqlite;
using Oktsec.Webhooks;

namespace Oktsec.Hosting;

/// <summary>The parts of a running gateway, each made once, in the order of who needs whom.</summary>
internal sealed class GatewayParts : IAsyncDisposable
{
    private readonly SqliteStore _store;
    private readonly CatalogueMemory _memory;
    private readonly TokenBook _tokens;
    private readonly ListEntryGuard _guard;
    private readonly Offers _offers;
    private readonly ListWatcher _watcher;
    private readonly Recorder _recorder;
    private readonly SemaphoreSlim _applying = new(1, 1);
    private readonly WebhookDispatcher _webhooks;

    private GatewayParts(OktsecConfig config, bool isObserving, SqliteStore store, ContentScanner scanner, ILoggerFactory logs, TimeProvider time)
    {
        _store = store;
        // What decides.
        var counters = new PipelineState(time);
        var requests = new SecurityPipeline(PipelineOrder.Request(counters), time);
        var responses = new SecurityPipeline(PipelineOrder.Response(counters), time);
        var definitions = new SecurityPipeline(PipelineOrder.Definition(counters), time);
        _memory = new CatalogueMemory(store);
        _tokens = new TokenBook(store, time);
        _guard = new ListEntryGuard(_memory, logs.CreateLogger<ListEntryGuard>());
        State = new GatewayStateHolder(StateOf(config, scanner, isObserving));
        // What records.
        _webhooks = new WebhookDispatcher(config, store, time, logs.CreateLogger<WebhookDispatcher>());
        _recorder = new Recorder(store, store, new WebhookListener(_webhooks, time), arguments => store.Key.Hash(arguments.Span), time, logs.CreateLogger<Recorder>());
        // What is offered.
        _memory.ToolsChanged = OnToolsChanged;
        _offers = new Offers(definitions, _recorder, time);
        var gatherer = new ListGatherer(_offers, _memory);
        _watcher = new ListWatcher(gatherer, () => State.Current.Policies);
        var lists = new ListReply(responses, gatherer, _offers, _memory, time);
        // What carries.
        Backends = new BackendRegistry(time);
        Sessions = new SessionRegistry(time);
        var states = new RequestStates(time);
        var standing = new Standing(_tokens, () => State.Current.Policies);
        var relay = new Relay(responses, _recorder, new StatelessResult(states), standing, time);
        var delivery = new StatelessDelivery(_watcher, () => State.Current.Policies, time);
        var fromBackends = new ServerRelay(responses, _recorder, _watcher, delivery, standing, () => State.Current.Policies, time, logs.CreateLogger<ServerRelay>());
        var initializer = new Initializer(definitions, _recorder, time);
        Requests = new AgentRequests(Sessions, Backends, initializer, lists, new TaskRequests(responses, relay, _recorder, time), relay, _recorder, fromBackends, Life);
        Heartbeat = new Heartbeat(time);
        var targets = new TargetFinder(gatherer, time);
        var agents = new AgentStates(Sessions, Backends, fromBackends, Life, time);
        Sessions.Ended = session =>
        {
            Backends.Detach(session);
            agents.Forget(session);
        };
        var stateless = new StatelessRequests(
            agents, new Discovery(initializer), lists, new ListenRequests(initializer, new Watches(targets, Backends), relay, _recorder),
            new StatelessRelay(relay, _recorder, states, time), relay, _recorder);
        Door = new GatewayDoor(
            State, requests, Sessions, targets, Requests, stateless, new AgentAnswers(_recorder, relay), _recorder, Heartbeat, time,
            logs.CreateLogger<GatewayDoor>());
        Configure(config);
    }

    public GatewayStateHolder State { get; }

    public SqliteStore Store => _store;

    public SessionRegistry Sessions { get; }

    public BackendRegistry Backends { get; }

    public AgentRequests Requests { get; }

    public GatewayDoor Door { get; }

    public Heartbeat Heartbeat { get; }

    public GatewayLife Life { get; } = new();

    /// <exception cref="StartException">The store cannot be used.</exception>
    public static GatewayParts Create(OktsecConfig config, bool isObserving, ILoggerFactory logs, TimeProvider time)
    {
        // The rule set and the store are independent and each takes tens of milliseconds.
        var scanner = Task.Run(() => ScannerOf(config));
        try
        {
            var store = SqliteStore.Open(config.DbPath, config.Audit.FullDurability, time, logs.CreateLogger<SqliteStore>());
            return new GatewayParts(config, isObserving, store, scanner.GetAwaiter().GetResult(), logs, time);
        }
        catch (StoreException e)
        {
            throw new StartException(e.Message, e);
        }
    }

    /// <summary>The scanner over the rules that a configuration asks for.</summary>
    /// <exception cref="StartException">The user's rules cannot be read.</exception>
    public static ContentScanner ScannerOf(OktsecConfig config)
    {
        var rules = KnownRules.Load(config.CustomRulesDir, out var problems);
        return problems.FirstOrDefault(p => p.IsError) is { } error
            ? throw new StartException($"{error.File}:{error.Line}: {error.Message}")
            : new ContentScanner(rules);
    }

    /// <summary>Swaps policies and backends; sessions go on, and are told when what they may see changed.</summary>
    /// <exception cref="StartException">The user's rules cannot be read; nothing has changed.</exception>
    public async Task ApplyAsync(OktsecConfig config, bool isObserving)
    {
        await _applying.WaitAsync();
        try
        {
            // The rules are read before anything changes: what is wrong with them leaves everything as it is.
            var scanner = await Task.Run(() => ScannerOf(config));
            await Task.Run(scanner.Rules.Prepare);
            State.Swap(StateOf(config, scanner, isObserving));
            SwapBackends(Configure(config));
        }
        finally
        {
            _applying.Release();
        }
    }

    /// <summary>Ends what tokens opened that count no more: streams, and calls under way.</summary>
    public async Task EndUnprovenAsync()
    {
        var written = State.Current.Policies.Config.Tokens;
        try
        {
            foreach (var session in Sessions.All.Where(s => s.Principal.TokenId.Length > 0 && !_tokens.IsActive(s.Principal.TokenId, written)))
                await Requests.CloseAsync(session);
        }
        catch (StoreException)
        {
            // Nothing is recorded or delivered either then; the next look is a second away.
        }
    }

    private GatewayState StateOf(OktsecConfig config, ContentScanner scanner, bool isObserving)
    {
        // First the names, then the policy that speaks of them: there is no moment at which an ambiguous entry allows something.
        _memory.Configure([.. config.McpServers.Select(b => b.Name)]);
        return GatewayState.Of(new PolicySnapshot(config, scanner, isObserving, _guard.Check(config)), _tokens);
    }

    private void OnToolsChanged()
    {
        if (!State.Update(state => _guard.Check(state.Policies) is var policies && ReferenceEquals(policies, state.Policies) ? state : state with { Policies = policies }))
            return;
        foreach (var session in Sessions.All)
            _watcher.CheckAll(session);
    }

    // Calls under way are not waited for: one that hangs would keep the next configuration, and what it forbids, from being applied.
    private void SwapBackends(IReadOnlyList<SharedBackend> stale)
    {
        _offers.Clear();
        foreach (var session in Sessions.All)
        {
            foreach (var gone in Backends.Swap(session).Where(slot => !slot.Config.Shared))
                _ = Backends.RetireAsync(gone);
            if (Sessions.Find(session.Id) is null)
            {
                // It ended meanwhile, and may not have seen these. One that ends from here on leaves them itself.
                Backends.Detach(session);
                _ = session.EndSlotsAsync();
            }
            else
            {
                _watcher.CheckAll(session);
            }
        }
        foreach (var shared in stale)
            _ = Backends.RetireAsync(shared.Slot);
    }

    public async ValueTask DisposeAsync()
    {
        Heartbeat.Dispose();
        await Backends.DisposeAsync();
        await _webhooks.DisposeAsync(); // before the store: what was not delivered is kept there
        await _store.DisposeAsync();
    }

    private IReadOnlyList<SharedBackend> Configure(OktsecConfig config)
    {
        _recorder.Required = config.Audit.Required;
        _webhooks.Configure(config);
        return Backends.Configure(config);
    }
}
