using Microsoft.Extensions.Logging;
using Oktsec.Configuration;
using Oktsec.Core.Configuration;
using Oktsec.Core.Identity;
using Oktsec.Core.Pipeline;
using Oktsec.Core.Policy;
using Oktsec.Gateway;
using Oktsec.Mcp.Stdio;
using Oktsec.Scanning;
using Oktsec.StdioProxy;
using Oktsec.Storage;
using Oktsec.Storage.Sqlite;
using Oktsec.Webhooks;

namespace Oktsec.Hosting;

/// <summary>START HERE. The composition root of the stdio proxy: one agent on our stdin and stdout, one server as our child or at a URL, the gateway's pipeline between them.</summary>
internal sealed partial class ProxyHost : IAsyncDisposable
{
    private readonly ProxyOptions _options;
    private readonly ILoggerFactory _logs;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly SqliteStore _store;
    private readonly WebhookDispatcher _webhooks;
    private readonly Recorder _recorder;
    private readonly Offers _offers;
    private readonly ProxySession _session;
    private readonly SecurityPipeline _requests;
    private readonly SecurityPipeline _responses;
    private readonly SecurityPipeline _definitions;

    private ProxyHost(OktsecConfig config, ProxyOptions options, SqliteStore store, ContentScanner scanner, ILoggerFactory logs, TimeProvider time)
    {
        (_options, _store, _logs, _time) = (options, store, logs, time);
        _logger = logs.CreateLogger<ProxyHost>();
        // What decides.
        var counters = new PipelineState(time);
        _requests = new SecurityPipeline(PipelineOrder.Request(counters), time);
        _responses = new SecurityPipeline(PipelineOrder.Response(counters), time);
        _definitions = new SecurityPipeline(PipelineOrder.Definition(counters), time);
        _session = new ProxySession(new Principal(options.Agent, AuthMethod.CommandLine), Policies(config, scanner));
        // What records.
        _webhooks = new WebhookDispatcher(config, store, time, logs.CreateLogger<WebhookDispatcher>());
        _recorder = new Recorder(
            store, store, new WebhookListener(_webhooks, time), arguments => store.Key.Hash(arguments.Span), time, logs.CreateLogger<Recorder>())
        { Door = "proxy" };
        _offers = new Offers(_definitions, _recorder, time);
        Configure(config);
    }

    /// <exception cref="StartException">The store or the rules cannot be used.</exception>
    public static ProxyHost Create(OktsecConfig config, ProxyOptions options, ILoggerFactory logs, TimeProvider time)
    {
        // The rule set and the store are independent and each takes tens of milliseconds.
        var scanner = Task.Run(() => GatewayParts.ScannerOf(config));
        try
        {
            var store = SqliteStore.Open(config.DbPath, config.Audit.FullDurability, time, logs.CreateLogger<SqliteStore>());
            return new ProxyHost(config, options, store, scanner.GetAwaiter().GetResult(), logs, time);
        }
        catch (StoreException e)
        {
            throw new StartException(e.Message, e);
        }
    }

    /// <summary>Starts the server and carries messages until one side ends.</summary>
    /// <returns>The server's exit code.</returns>
    /// <exception cref="ChildStartException">The server cannot be started.</exception>
    public async Task<int> RunAsync(ProxySignals signals, CancellationToken cancel)
    {
        // While the server starts; its first message would pay for compiling the checks.
        _ = Task.Run(WarmAndShrink, CancellationToken.None);
        var memory = IdleMemory.OfProcess(() => _session.AwaitsAnswer, () => _session.Policies.Calls.Scanner);
        await using var idle = _time.CreateTimer(_ => memory.Look(), null, IdleMemory.Every, IdleMemory.Every);
        var judge = new AnswerJudge(_responses, _definitions, _offers, _recorder, _session);
        var exitCode = await RunAsync(
            _options, _session, signals, _logger, _time,
            (agent, server) => new FromAgent(_requests, _recorder, _session, agent, server, _time),
            (agent, server) => new FromServer(_responses, judge, _recorder, _session, agent, server, _time), cancel);
        foreach (var call in _session.Calls.Values)
            await ProxySession.EndAsync(call, "the server ended without an answer", _recorder);
        return exitCode;
    }

    // A machine has a proxy for each server: what was built to read the rules and is not needed any more is given back, once, before the first calls.
    private void WarmAndShrink()
    {
        WarmUp.Run(_session.Policies.Calls, _time);
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    }

    /// <summary>The same with nothing judged or recorded, for observing where there is no store: what is only watched must not break.</summary>
    /// <exception cref="ChildStartException">The server cannot be started.</exception>
    public static Task<int> RunUnrecordedAsync(OktsecConfig config, ProxyOptions options, ProxySignals signals, ILogger logger, TimeProvider time, CancellationToken cancel)
    {
        var policies = new PolicySnapshot(config, new ContentScanner(KnownRules.Load("", out _)), isObserving: true);
        var session = new ProxySession(new Principal(options.Agent, AuthMethod.CommandLine), new ProxyPolicies(policies, policies));
        return RunAsync(options, session, signals, logger, time, (_, server) => new Unrecorded(server), (agent, _) => new Unrecorded(agent), cancel);
    }

    private static Task<int> RunAsync(
        ProxyOptions options, ProxySession session, ProxySignals signals, ILogger logger, TimeProvider time,
        Func<ByteSink, ByteSink, IDirection> fromAgent, Func<ByteSink, ByteSink, IServerDirection> fromServer, CancellationToken cancel) =>
        options.Remote is { } remote
            ? BridgeRun.StartAsync(remote, session, signals, logger, time, fromAgent, fromServer, cancel)
            : ProxyRun.StartAsync(options.Command, session, signals, logger, time, fromAgent, fromServer, cancel);

    /// <summary>Swaps to a new, validated configuration. A bad file changes nothing and says so.</summary>
    public void Reload(ConfigLoadResult loaded)
    {
        foreach (var problem in loaded.Problems.Where(p => p.Kind == ProblemKind.Error))
            Log.Problem(_logger, problem.ToString());
        try
        {
            if (loaded.Config is { } config)
            {
                _session.Policies = Policies(config, GatewayParts.ScannerOf(config));
                Configure(config);
                return;
            }
        }
        catch (StartException e)
        {
            Log.Problem(_logger, e.Message);
        }
        Log.Kept(_logger);
    }

    public async ValueTask DisposeAsync()
    {
        await _webhooks.DisposeAsync(); // before the store: what was not delivered is kept there
        await _store.DisposeAsync();
    }

    // Observing is a property of the policy, not a second path: answers are judged by one that observes unless they are to be inspected.
    private ProxyPolicies Policies(OktsecConfig config, ContentScanner scanner)
    {
        var calls = new PolicySnapshot(config, scanner, isObserving: !_options.IsEnforcing);
        return new ProxyPolicies(calls, _options.IsEnforcing && !_options.InspectsResponses ? new PolicySnapshot(config, scanner, isObserving: true) : calls);
    }

    private void Configure(OktsecConfig config)
    {
        _recorder.Required = config.Audit.Required;
        _webhooks.Configure(config);
        _offers.Clear();
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.ReloadProblem, LogLevel.Warning, "{Problem}")]
        public static partial void Problem(ILogger logger, string problem);

        [LoggerMessage(EventIds.ReloadRefused, LogLevel.Error, "The configuration has errors; the one before stays in force.")]
        public static partial void Kept(ILogger logger);
    }
}
