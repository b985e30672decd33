using Oktsec.Core.Pipeline;
using Oktsec.Mcp.Envelope;
using Oktsec.Scanning;

namespace Oktsec.Gateway;

/// <summary>Answers tasks/get, result, cancel and list: each task by the backend that issued it, lists joined.</summary>
internal sealed class TaskRequests(SecurityPipeline responses, Relay relay, Recorder recorder, TimeProvider time)
{
    private const int InvalidParams = -32602; // MCP 2025-11-25, Tasks, "Protocol Errors": an unknown task

    private static readonly ListKind s_tasks = new(Methods.TasksList, "tasks", "taskId", "tasks", TargetKind.None, false);

    public Task OneAsync(Exchange x, Found found)
    {
        if (found.Task is { } task && x.Session.Slot(task.Backend) is { } owner)
            return relay.ForwardAsync(x, owner, found.NameRange, task.OwnId == task.Id ? null : task.OwnId);
        // A connection of its own holds this agent's tasks only, those of an earlier session included.
        return OnlyOwn(x.Session) is { } only
            ? relay.ForwardAsync(x, only, default, null)
            : relay.AnswerAsync(x, RpcReply.Error(x.Message.Span(x.Message.Id), InvalidParams, "Unknown task: no backend of this session has issued it"));
    }

    public async Task ListAsync(Exchange x)
    {
        if (OnlyOwn(x.Session) is { } only)
        {
            await relay.ForwardAsync(x, only, default, null);
            return;
        }
        var slots = x.Session.Slots; // a reload may replace them
        IReadOnlyList<ListItem>?[] all;
        try
        {
            all = await Task.WhenAll(slots.Select(slot => ListGatherer.FetchAsync(slot, s_tasks, isKnown: false, x.Session.Closing)));
        }
        catch (Exception e) when (Relay.IsUnavailable(e, x))
        {
            await relay.UnavailableAsync(x, e);
            return;
        }
        var shown = new List<ReadOnlyMemory<byte>>();
        for (var i = 0; i < all.Length; i++)
        {
            foreach (var item in all[i] ?? [])
            {
                if (await ShowAsync(x, slots[i], item) is { } task)
                    shown.Add(task);
            }
        }
        var missing = slots.Where((_, i) => all[i] is null).Select(slot => slot.Name).ToList();
        await relay.AnswerAsync(x, RpcReply.Result(x.Message.Span(x.Message.Id), ListReply.Array(s_tasks, shown, missing)));
    }

    private static BackendSlot? OnlyOwn(GatewaySession session) => session.Slots is [{ Config.Shared: false } only] ? only : null;

    // On a shared connection the backend lists everybody's: only what this session has been told of is its own.
    private async ValueTask<ReadOnlyMemory<byte>?> ShowAsync(Exchange x, BackendSlot slot, ListItem item)
    {
        if (slot.Config.Shared && x.Session.Tasks.FindOwn(slot.Name, item.Key) is null)
            return null;
        var task = x.Session.Tasks.Learn(slot.Name, item.Key);
        var policies = x.Call.Policies;
        if (task.Target.Kind != TargetKind.None && !policies.IsObserving && x.Call.Policy?.Allows(task.Target) != true)
            return null;
        var call = new CallContext
        {
            Policies = policies,
            Principal = x.Call.Principal,
            Policy = x.Call.Policy,
            Method = Methods.TasksList,
            IsRequest = false,
            Target = task.Target,
            Content = item.Bytes,
            Place = Place.Result,
            Timestamp = time.GetTimestamp(),
        };
        using var decision = responses.Evaluate(call);
        // A poisoned one disappears and the others stay, as in every list.
        if (decision.Findings.Count > 0 || decision.Reason != DenyReason.None)
        {
            var entry = recorder.Entry(call, decision, x.Session) with { Direction = "server" };
            if (!await recorder.WriteAsync(entry, decision))
                return null;
        }
        if (!decision.IsAllowed)
            return null;
        var edits = Outgoing.Edits(decision);
        if (task.Id != task.OwnId)
            Outgoing.Put(edits, item.KeyRange, JsonText.Quote(task.Id));
        return edits.Count == 0 ? item.Bytes : Splice.ToArray(item.Bytes.Span, edits.ToArray());
    }
}
