using Oktsec.Core.Pipeline;
using Oktsec.Core.Policy;
using Oktsec.Mcp.Backends;
using Oktsec.Mcp.Envelope;
using Oktsec.Mcp.Http;

namespace Oktsec.Gateway.Stateless;

/// <summary>
/// Brings what a backend says by itself to an agent that knows no sessions: on the stream of the request it belongs to, on a stream of
/// subscriptions/listen, as a question in a result, or not at all. Everything here was judged and recorded before.
/// </summary>
internal sealed class StatelessDelivery(ListWatcher lists, Func<PolicySnapshot> policies, TimeProvider time)
{
    private const int MethodNotFound = -32601;
    private const int TooMany = -32000;

    /// <summary>60 s: as long as the official SDKs wait for an answer.</summary>
    private static readonly TimeSpan s_waits = TimeSpan.FromSeconds(60);

    /// <summary>A question: for the call it belongs to, else for the next that can carry it.</summary>
    /// <returns>What to answer the backend at once; null when it is to wait.</returns>
    public byte[]? Ask(GatewaySession session, BackendSlot slot, RpcMessage message, InFlightCall? origin, Decision decision)
    {
        var id = message.Span(message.Id);
        if (!Question.IsKnown(message.Method))
            return RpcReply.Error(id, MethodNotFound, "Method not found"); // "MUST be one of" the three
        var call = origin as StatelessCall ?? Latest(session, slot, mayInterrupt: true);
        if ((call?.Features ?? session.Features).Missing(message) is { } capability)
        {
            call?.Refuse(capability);
            return RpcReply.Error(id, MethodNotFound, "Method not found");
        }
        var parameters = message.Params.IsEmpty ? default : Outgoing.Slice(message, decision, message.Params);
        var question = new Question(slot, message.Memory(message.Id).ToArray(), message.Method, parameters, time.GetTimestamp());
        var isTaken = call is { MayInterrupt: true } ? call.TryAsk(question) : TryWait(session, question);
        return isTaken ? null : RpcReply.Error(id, TooMany, "too many questions are waiting for the agent");
    }

    /// <summary>A notification.</summary>
    public void Notify(GatewaySession session, BackendSlot slot, RpcMessage message, InFlightCall? origin, List<Edit> edits)
    {
        switch (message.Method)
        {
            case Methods.Progress:
                if (slot.Progress.Find(message.Span(message.ProgressToken)) is StatelessCall reported && reported.Session == session && !reported.AgentToken.IsEmpty)
                {
                    Outgoing.Put(edits, message.ProgressToken, reported.AgentToken);
                    Send(reported, message, edits);
                }
                break;
            case Methods.LogMessage:
                // Utilities, "Logging": only for a request that asked for it, on its own stream.
                if ((origin as StatelessCall ?? Latest(session, slot, mayInterrupt: false)) is { LogLevel: >= 0 } asking
                    && StatelessRules.LevelOf(JsonMembers.Text(message.Span(message.Params), "level"u8)) >= asking.LogLevel)
                    Send(asking, message, edits);
                break;
            case Methods.Cancelled:
                Withdraw(session, slot, message);
                break;
            case Methods.ToolsChanged or Methods.PromptsChanged or Methods.ResourcesChanged:
                lists.OnChanged(session, slot, message.Method, message.Bytes);
                break;
            case Methods.ResourceUpdated when message.UriText is { } uri:
                Updated(session, slot, message, uri, edits);
                break;
            case Methods.TaskChanged:
                TaskChanged(session, slot, message, edits);
                break;
            case Methods.ResourceUpdated or Methods.ElicitationComplete or Methods.TaskStatus or Methods.SubscriptionsAcknowledged:
                break; // of revisions with sessions, or of a subscription that is not the agent's
            default:
                if ((origin as StatelessCall ?? Latest(session, slot, mayInterrupt: false)) is { } call)
                    Send(call, message, edits);
                break;
        }
    }

    private static void Send(StatelessCall call, RpcMessage message, List<Edit> edits) =>
        call.Reply.TrySend(edits.Count == 0 ? message.Bytes : Splice.ToArray(message.Bytes.Span, edits.ToArray()), ServerRelay.IsDroppable(message));

    private void Updated(GatewaySession session, BackendSlot slot, RpcMessage message, string uri, List<Edit> edits)
    {
        if (!session.Subscriptions.Want(slot, uri))
            return;
        var exposed = session.Catalogue.ExposeUri(ListKind.Resources, slot.Name, uri);
        if (policies().PolicyOf(session.Principal) is not { } policy || !policy.Allows(new Target(TargetKind.Resource, exposed, slot.Name, uri, true)))
            return;
        if (exposed != uri)
            Outgoing.Put(edits, message.Uri, JsonText.Quote(exposed));
        session.Listeners.Updated(slot, uri, edits.Count == 0 ? message.Bytes : Splice.ToArray(message.Bytes.Span, edits.ToArray()));
    }

    // Only a task this agent was told of, and only while the tool it came from is not hidden: it is that tool's result.
    private void TaskChanged(GatewaySession session, BackendSlot slot, RpcMessage message, List<Edit> edits)
    {
        var id = TaskIds.InParams(message);
        if (TaskIds.Text(message, id) is not { } own || session.Tasks.FindOwn(slot.Name, own) is not { } task)
            return;
        var snapshot = policies();
        if (!snapshot.IsObserving && snapshot.PolicyOf(session.Principal)?.Allows(task.Target) != true)
            return;
        TaskIds.Expose(edits, session, message, id, slot.Name);
        session.Listeners.TaskChanged(slot, own, edits.Count == 0 ? message.Bytes : Splice.ToArray(message.Bytes.Span, edits.ToArray()));
    }

    private static void Withdraw(GatewaySession session, BackendSlot slot, RpcMessage message)
    {
        var id = message.Memory(message.CancelledId);
        session.Waiting.Take(q => q.Slot == slot && q.Id.Span.SequenceEqual(id.Span));
        foreach (var call in session.Calls.Values)
            (call as StatelessCall)?.Withdraw(slot, id.Span);
    }

    private bool TryWait(GatewaySession session, Question question)
    {
        foreach (var old in session.Waiting.Take(q => time.GetElapsedTime(q.AskedAt) > s_waits))
            _ = AgentAnswers.SendAsync(old.Slot, RpcReply.Error(old.Id.Span, TooMany, "no request of the agent came that could carry the question"));
        return session.Waiting.TryAdd(question);
    }

    /// <summary>
    /// The call that something without an origin belongs to. Over stdio a server does not say which: of several it is the latest one for a
    /// question, which reaches the same agent whichever carries it, and none for what may only go to the request it belongs to.
    /// </summary>
    private static StatelessCall? Latest(GatewaySession session, BackendSlot slot, bool mayInterrupt)
    {
        if (slot.Config.Shared)
            return null; // it may be of another agent
        StatelessCall? latest = null;
        var count = 0;
        foreach (var (_, any) in session.Calls)
        {
            if (any is not StatelessCall { IsParked: false } call || call.Slot != slot || (mayInterrupt && !call.MayInterrupt))
                continue;
            count++;
            if (latest is null || call.Sequence > latest.Sequence)
                latest = call;
        }
        return mayInterrupt || count == 1 ? latest : null;
    }
}
