using Oktsec.Core.Audit;
using Oktsec.Core.Pipeline;
using Oktsec.Gateway;

namespace Oktsec.Webhooks;

/// <summary>Makes events of what is recorded: one per call, when its record is complete.</summary>
internal sealed class WebhookListener(WebhookDispatcher dispatcher, TimeProvider time) : IRecordListener
{
    // These repeat with every call of a loop or an outage; one a minute tells it.
    private static readonly TimeSpan s_quiet = TimeSpan.FromMinutes(1);

    // Names of agents come from callers: past this many the memory starts afresh.
    private const int MaxRemembered = 1000;

    private readonly Lock _gate = new();
    private readonly Dictionary<(string Kind, string Name), DateTimeOffset> _told = [];

    public void OnEntry(AuditEntry entry, Decision decision)
    {
        if (!entry.AwaitsOutcome)
            Announce(entry, null);
    }

    public void OnOutcome(AuditEntry entry, AuditOutcome outcome, Decision? decision) => Announce(entry, outcome);

    public void OnAuditFailed(string reason)
    {
        if (dispatcher.HasTargets && IsNews(WebhookEvent.AuditFailed, ""))
            dispatcher.Enqueue(new WebhookEvent { Kind = WebhookEvent.AuditFailed, Time = time.GetUtcNow(), Detail = reason });
    }

    public void OnBackendDown(string backend, string reason)
    {
        if (dispatcher.HasTargets && IsNews(WebhookEvent.BackendDown, backend))
            dispatcher.Enqueue(new WebhookEvent { Kind = WebhookEvent.BackendDown, Time = time.GetUtcNow(), Backend = backend, Detail = reason });
    }

    private void Announce(AuditEntry entry, AuditOutcome? outcome)
    {
        if (!dispatcher.HasTargets || WebhookEvent.Of(entry, outcome) is not { } e)
            return;
        // Told by OnBackendDown and OnAuditFailed, not once more by each call that met it.
        if (e.Kind is WebhookEvent.BackendDown or WebhookEvent.AuditFailed)
            return;
        if (e.Decision is "rate_limited" or "concurrency_exceeded" && !IsNews(e.Decision, e.Agent))
            return;
        dispatcher.Enqueue(e);
    }

    private bool IsNews(string kind, string name)
    {
        var now = time.GetUtcNow();
        lock (_gate)
        {
            if (_told.TryGetValue((kind, name), out var last) && now - last < s_quiet && now >= last)
                return false;
            if (_told.Count >= MaxRemembered)
                _told.Clear();
            _told[(kind, name)] = now;
            return true;
        }
    }
}
