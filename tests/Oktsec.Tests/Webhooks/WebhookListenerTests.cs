using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Oktsec.Core.Audit;
using Oktsec.Core.Configuration;
using Oktsec.Tests.Storage;
using Oktsec.Tests.Support;
using Oktsec.Webhooks;

namespace Oktsec.Tests.Webhooks;

public sealed class WebhookListenerTests : IAsyncLifetime
{
    private readonly StoreFixture fixture = new();
    private readonly ManualTime time = new();
    private WebhookReceiver receiver = null!;
    private WebhookDispatcher dispatcher = null!;
    private WebhookListener listener = null!;

    public async ValueTask InitializeAsync()
    {
        receiver = await WebhookReceiver.StartAsync();
        var hook = new WebhookConfig { Name = "hook", Url = receiver.Url.AbsoluteUri, AllowPrivate = true };
        dispatcher = new WebhookDispatcher(new OktsecConfig { Webhooks = [hook] }, fixture.Store, new ImpatientTime(), NullLogger<WebhookDispatcher>.Instance);
        listener = new WebhookListener(dispatcher, time);
    }

    public async ValueTask DisposeAsync()
    {
        await dispatcher.DisposeAsync();
        await receiver.DisposeAsync();
        await fixture.DisposeAsync();
    }

    [Fact(Timeout = 30_000)]
    public async Task OnEntry_Denied_TellsAtOnce()
    {
        listener.OnEntry(fixture.Entry(status: AuditStatus.Blocked) with { Findings = [StoreFixture.Finding()], HeldId = "q-1" }, null!);
        var told = Assert.Single(await ToldAsync());
        Assert.Equal(("blocked", "content_blocked", "data-analyst", "gateway/read_file", "q-1"), (Text(told, "event"), Text(told, "decision"), Text(told, "from"), Text(told, "to"), Text(told, "held_id")));
    }

    [Fact(Timeout = 30_000)]
    public async Task OnOutcome_FoundOnBothWays_TellsOnce()
    {
        var entry = fixture.Entry(awaits: true) with { Decision = "content_flagged", Findings = [Events.Finding("TA-001", "asked", Scanning.Severity.Medium)] };
        listener.OnEntry(entry, null!);
        listener.OnOutcome(entry, fixture.Outcome(entry, AuditStatus.Quarantined) with { Decision = "content_quarantined", Findings = [StoreFixture.Finding()] }, null);
        var told = Assert.Single(await ToldAsync());
        Assert.Equal(("quarantined", "PI-001", 2), (Text(told, "event"), Text(told, "rule"), told.GetProperty("findings").GetArrayLength()));
    }

    [Fact(Timeout = 30_000)]
    public async Task OnOutcome_ObservedDenial_SaysThatItWasDelivered()
    {
        var entry = fixture.Entry(awaits: true) with { Decision = "would_block:tool_not_allowed" };
        listener.OnOutcome(entry, fixture.Outcome(entry), null);
        var told = Assert.Single(await ToldAsync());
        Assert.Equal(("rejected", "would_block:tool_not_allowed"), (Text(told, "event"), Text(told, "decision")));
        Assert.StartsWith("oktsec would have rejected a call", Text(told, "text"));
    }

    [Fact(Timeout = 30_000)]
    public async Task OnEntryAndOutcome_Clean_TellNothing()
    {
        var entry = fixture.Entry(awaits: true);
        listener.OnEntry(entry, null!);
        listener.OnOutcome(entry, fixture.Outcome(entry), null);
        listener.OnEntry(fixture.Entry(), null!);
        Assert.Empty(await ToldAsync());
    }

    [Fact(Timeout = 30_000)]
    public async Task OnEntry_EveryDenial_IsTold()
    {
        var rows = Core.Pipeline.DenyReasons.Rows.Where(r => r.Event is not ("backend_down" or "audit_failed")).ToArray();
        foreach (var row in rows)
            listener.OnEntry(fixture.Entry() with { Decision = row.Word, Status = row.Status }, null!);
        var told = await ToldAsync();
        Assert.Equal(rows.Select(r => (r.Event, r.Word)), told.Select(t => (Text(t, "event"), Text(t, "decision"))));
    }

    [Fact(Timeout = 30_000)]
    public async Task Repetition_OfWhatComesInFloods_IsToldOnceAMinute()
    {
        for (var i = 0; i < 5; i++)
        {
            listener.OnEntry(fixture.Entry(agent: "a") with { Decision = "rate_limited", Status = AuditStatus.Rejected }, null!);
            listener.OnEntry(fixture.Entry(agent: "b") with { Decision = "rate_limited", Status = AuditStatus.Rejected }, null!);
            listener.OnBackendDown("postgres", "exited with code 1");
            listener.OnAuditFailed("the disk is full");
            // What each call during the outage is answered adds nothing.
            listener.OnEntry(fixture.Entry() with { Decision = "backend_unavailable", Status = AuditStatus.Rejected }, null!);
        }
        time.Advance(TimeSpan.FromMinutes(1));
        listener.OnBackendDown("postgres", "exited with code 1");
        Assert.Equal(
            ["rejected", "rejected", "backend_down", "audit_failed", "backend_down"],
            (await ToldAsync()).Select(t => Text(t, "event")));
    }

    /// <summary>Everything that was told so far.</summary>
    private async Task<List<JsonElement>> ToldAsync()
    {
        await dispatcher.DisposeAsync(); // delivers what waits
        var told = new List<JsonElement>();
        for (var i = 0; i < receiver.Count; i++)
            told.Add(JsonDocument.Parse((await receiver.NextAsync()).Body).RootElement);
        return told;
    }

    private static string Text(JsonElement told, string name) => told.GetProperty(name).GetString()!;
}
