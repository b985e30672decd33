using Microsoft.Extensions.Logging;
using Oktsec.Core.Configuration;
using Oktsec.Core.Pipeline;
using Oktsec.Core.Policy;
using Oktsec.Gateway;
using Oktsec.Hook;
using Oktsec.Scanning;
using Oktsec.Storage;
using Oktsec.Storage.Sqlite;
using Oktsec.Webhooks;

namespace Oktsec.Hosting;

/// <summary>START HERE. The composition root of the hook: one event of a client, the gateway's pipeline, one record.</summary>
internal sealed class HookHost : IAsyncDisposable
{
    private readonly SqliteStore _store;
    private readonly WebhookDispatcher _webhooks;

    private HookHost(OktsecConfig config, bool isEnforcing, SqliteStore store, ContentScanner scanner, ILoggerFactory logs, TimeProvider time)
    {
        _store = store;
        _webhooks = new WebhookDispatcher(config, store, time, logs.CreateLogger<WebhookDispatcher>());
        var counters = new PipelineState(time);
        var recorder = new Recorder(
            store, store, new WebhookListener(_webhooks, time), arguments => store.Key.Hash(arguments.Span), time, logs.CreateLogger<Recorder>())
        { Door = "hook", Required = config.Audit.Required };
        Judge = new HookJudge(
            new SecurityPipeline(PipelineOrder.Request(counters), time), new SecurityPipeline(PipelineOrder.Response(counters), time),
            recorder, new PolicySnapshot(config, scanner, isObserving: !isEnforcing), new PolicySnapshot(config, scanner, isObserving: true), time);
    }

    public HookJudge Judge { get; }

    /// <exception cref="StartException">The store or the rules cannot be used.</exception>
    public static HookHost Create(OktsecConfig config, bool isEnforcing, ILoggerFactory logs, TimeProvider time)
    {
        try
        {
            var store = SqliteStore.Open(config.DbPath, config.Audit.FullDurability, time, logs.CreateLogger<SqliteStore>());
            return new HookHost(config, isEnforcing, store, GatewayParts.ScannerOf(config), logs, time);
        }
        catch (StoreException e)
        {
            throw new StartException(e.Message, e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _webhooks.DisposeAsync(); // before the store: what was not delivered is kept there
        await _store.DisposeAsync();
    }
}
