using System.Collections.Frozen;
using Microsoft.Extensions.Logging;
using Oktsec.Core.Configuration;
using Oktsec.Storage;

namespace Oktsec.Webhooks;

/// <summary>Sends events to whom they concern, behind the calls they tell of.</summary>
internal sealed class WebhookDispatcher : IAsyncDisposable
{
    private readonly WebhookSender _sender;
    private readonly IDeadLetterStore _deadLetters;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private Routing _current;
    private Task _retired = Task.CompletedTask;

    public WebhookDispatcher(OktsecConfig config, IDeadLetterStore deadLetters, TimeProvider time, ILogger<WebhookDispatcher> logger)
    {
        (_deadLetters, _time, _logger) = (deadLetters, time, logger);
        _sender = new WebhookSender(time);
        _current = Route(config, FrozenDictionary<string, WebhookQueue>.Empty);
    }

    /// <summary>Whether anybody listens; lets callers skip making an event.</summary>
    public bool HasTargets => Volatile.Read(ref _current).Queues.Count > 0;

    /// <summary>Never waits. Each target hears of an event once, however many ways lead to it.</summary>
    public void Enqueue(WebhookEvent e)
    {
        var routing = Volatile.Read(ref _current);
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
        lock (_gate)
        {
            var old = _current.Queues;
            Volatile.Write(ref _current, Route(config, old));
            var gone = old.Where(q => !_current.Queues.ContainsKey(q.Key)).Select(q => q.Value.DisposeAsync().AsTask());
            _retired = Task.WhenAll([_retired, .. gone]);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_current.Queues.Values.Select(q => q.DisposeAsync().AsTask()).Append(_retired));
        _sender.Dispose();
    }

    private Routing Route(OktsecConfig config, FrozenDictionary<string, WebhookQueue> existing)
    {
        var targets = new NotifyTargets(config);
        var queues = targets.All.DistinctBy(t => t.Identity).ToFrozenDictionary(
            t => t.Identity,
            t => existing.GetValueOrDefault(t.Identity) ?? new WebhookQueue(t, _sender, _deadLetters, _time, _logger),
            StringComparer.Ordinal);
        return new Routing(targets, queues);
    }

    private sealed record Routing(NotifyTargets Targets, FrozenDictionary<string, WebhookQueue> Queues);
}
