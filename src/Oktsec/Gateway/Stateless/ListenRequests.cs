using Microsoft.AspNetCore.Http;
using Oktsec.Core.Pipeline;
using Oktsec.Mcp.Envelope;

namespace Oktsec.Gateway.Stateless;

/// <summary>Serves subscriptions/listen: the one stream on which an agent without sessions hears of changes (MCP 2026-07-28, Subscriptions).</summary>
internal sealed class ListenRequests(Initializer initializer, Watches watches, Relay relay, Recorder recorder)
{
    private const int InvalidParams = -32602;

    /// <summary>64 streams per principal and set of features, as many as calls under way by default.</summary>
    private const int MostListeners = 64;

    private static readonly (string Member, string Method, string Capability)[] s_lists =
    [
        ("toolsListChanged", Methods.ToolsChanged, "tools"), ("promptsListChanged", Methods.PromptsChanged, "prompts"),
        ("resourcesListChanged", Methods.ResourcesChanged, "resources"),
    ];

    private static readonly string[] s_listMembers = [.. s_lists.Select(l => l.Member)];

    public async Task ServeAsync(Exchange x)
    {
        if (ListenFilter.TryRead(x.Message, s_listMembers) is not { } wanted)
        {
            await relay.AnswerAsync(x, RpcReply.Error(
                x.Message.Span(x.Message.Id), InvalidParams, $"params.notifications must be an object of booleans, and resourceSubscriptions and taskIds arrays of at most {ListenFilter.Most} strings"));
            return;
        }
        if (wanted.Tasks.Count > 0 && !ClientFeatures.Of(x.Message).Tasks)
        {
            await relay.AnswerAsync(x, InputRequired.Lacking(x.Message.Span(x.Message.Id), """{"extensions":{"io.modelcontextprotocol/tasks":{}}}"""), StatusCodes.Status400BadRequest);
            return;
        }
        if (x.Session.Listeners.Count >= MostListeners)
        {
            var full = Failure.Of(DenyReason.ConcurrencyExceeded, "too many open subscriptions; close one", 1);
            await recorder.WriteAsync(recorder.Entry(x.Call, full, x.Session), full);
            await Relay.DenyAsync(x, full, x.Entry.Id);
            return;
        }
        if (!await recorder.WriteAsync(x.Entry with { PipelineMicroseconds = relay.Micros(x.Started) }, x.Decision))
        {
            await Relay.DenyAsync(x, Failure.Of(DenyReason.AuditUnavailable, "the request could not be recorded"), x.Entry.Id);
            return;
        }
        x.Decision.Dispose(); // a stream that stays open is no call under way
        var id = x.Message.Memory(x.Message.Id).ToArray();
        var (ready, _) = await initializer.ReadyAsync(x.Session, x.Call.Policies);
        var isPartial = ready.Count < x.Session.Slots.Count;
        var lists = s_lists.Where(l => wanted.Lists.Contains(l.Member) && (isPartial || ready.Any(b => b.Offers(l.Capability)))).ToList();
        var listener = new Listener(id, [.. lists.Select(l => l.Method)]);
        x.Session.Listeners.Add(listener);
        try
        {
            var resources = await watches.ResourcesAsync(x, listener, wanted.Resources);
            var tasks = await watches.TasksAsync(x, listener, wanted.Tasks);
            listener.Acknowledge(new ListenFilter([.. lists.Select(l => l.Member)], resources, tasks).Acknowledgement());
            byte[] last = [.. "{\"resultType\":\"complete\",\"_meta\":{\"io.modelcontextprotocol/subscriptionId\":"u8, .. id, .. "}}"u8];
            await x.Reply.StreamAsync(listener.Events, RpcReply.Result(id, last), x.Session.Closing);
        }
        finally
        {
            x.Session.Listeners.Remove(listener);
            await watches.EndAsync(x.Session, listener);
        }
    }
}
