using System.Collections.Frozen;
using Microsoft.Extensions.Logging;
using Oktsec.Core.Configuration;
using Oktsec.Storage;

namespace Oktsec.Webhooks;

/// <summary>Sends events to whom they concern, behind the calls they tell of.</summary>
internal sealed class WebhookDispatcher : IAsyncDisposable
{
    private readonly WebhookSender sender;
    private readonly IDeadLetterStore deadLetters;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly Lock gate = new();
    private Routing current;
    private Task retired = Task.CompletedTask;

    public WebhookDispatcher(OktsecConfig config, IDeadLetterStore deadLetters, TimeProvider time, ILogger<WebhookDispatcher> logger)
    {
        (this.deadLetters, this.time, this.logger) = (deadLetters, time, logger);
        sender = new WebhookSender(time);
        current = Route(config, FrozenDictionary<string, WebhookQueue>.Empty);
    }

    /// <summary>Whether anybody listens; lets callers skip making an event.</summary>
    public bool HasTargets => Volatile.Read(ref current).Queues.Count > 0;

    /// <summary>Never waits. Each target hears of an event once, however many ways lead to it.</summary>
    public void Enqueue(WebhookEvent e)
    {
        var routing = Volatile.Read(ref current);
        var targets = routing.Targets.For(e);
        if (targets.Count == 0)
            return;
        var template = routing.Targets.TemplateFor(e);
        foreach (var identity in targets.Select(t => t.Identity).Distinct())
            routing.Queues[identity].Enqueue(e, template);
    }

    /// <summary>Swaps to a new configuration. What waits for a target that stays, waits on; what waits for one that goes gets its moment.</summary>
    public void Configure(OktsecConfig config)
    {
        lock (gate)
        {
            var old = current.Queues;
            Volatile.Write(ref current, Route(config, old));
            var gone = old.Where(q => !current.Queues.ContainsKey(q.Key)).Select(q => q.Value.DisposeAsync().AsTask());
            retired = Task.WhenAll([retired, .. gone]);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(current.Queues.Values.Select(q => q.DisposeAsync().AsTask()).Append(retired));
        sender.Dispose();
    }

    private Routing Route(OktsecConfig config, FrozenDictionary<string, WebhookQueue> existing)
    {
        var targets = new NotifyTargets(config);
        var queues = targets.All.DistinctBy(t => t.Identity).ToFrozenDictionary(
            t => t.Identity,
            t => existing.GetValueOrDefault(t.Identity) ?? new WebhookQueue(t, sender, deadLetters, time, logger),
            StringComparer.Ordinal);
        return new Routing(targets, queues);
    }

    private sealed record Routing(NotifyTargets Targets, FrozenDictionary<string, WebhookQueue> Queues);
}
