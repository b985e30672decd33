using Microsoft.Extensions.Logging;
using Oktsec.Core.Pipeline;
using Oktsec.Core.Policy;
using Oktsec.Gateway.Stateless;
using Oktsec.Mcp.Backends;
using Oktsec.Mcp.Envelope;
using Oktsec.Scanning;

namespace Oktsec.Gateway;

/// <summary>Carries what backends say by themselves to the agent: judged, recorded, and on the stream of the call it belongs to.</summary>
internal sealed partial class ServerRelay(
    SecurityPipeline responses, Recorder recorder, ListWatcher lists, StatelessDelivery stateless, Standing standing, Func<PolicySnapshot> policies, TimeProvider time,
    ILogger<ServerRelay> logger)
{
    private const int MethodNotFound = -32601;
    private const int InvalidParams = -32602;
    private const int InternalError = -32603;
    private const int TooMany = -32000;

    /// <summary>Progress and log messages may be shed under load; everything else has consequences.</summary>
    public static bool IsDroppable(RpcMessage message) => message.Method is Methods.Progress or Methods.LogMessage;

    /// <summary>Judges, records and delivers one message; in order, one at a time per session. Throws nothing, else the session would wait for it forever.</summary>
    public async ValueTask RelayAsync(GatewaySession session, ServerMessage said)
    {
        try
        {
            await HandleAsync(session, said);
        }
        catch (Exception e) // The door for what servers say: logged once, a question answered; nothing was delivered that was not recorded.
        {
            Log.Fault(logger, said.Slot.Name, said.Message.Method, e);
            if (said.Message.Kind == RpcKind.Request)
                _ = AnswerAsync(said.Slot, RpcReply.Error(said.Message.Span(said.Message.Id), InternalError, "internal error"));
        }
    }

    private async ValueTask HandleAsync(GatewaySession session, ServerMessage said)
    {
        var (slot, message, origin) = said;
        var call = Context(session, slot, message);
        var decision = responses.Evaluate(call);
        if (InputQuestions.AreTooMany(message))
            decision = Failure.Of(DenyReason.MessageMalformed, InputQuestions.TooMany);
        var entry = recorder.Entry(call, decision, session) with { Direction = "server", PipelineMicroseconds = Micros(call.Timestamp) };
        var held = await recorder.HoldAsync(entry, call, decision, "server", message.Bytes);
        var written = await recorder.WriteAsync(held.Mark(entry), decision);
        if (written)
            written = await recorder.WriteQuestionsAsync(call, decision, session.RecordId, slot.Name, InputQuestions.Of(message));
        if (!decision.IsAllowed || !written)
        {
            if (message.Kind == RpcKind.Request)
                await AnswerAsync(slot, DenialResponse.ToServer(message.Span(message.Id), written ? decision : Failure.Of(DenyReason.AuditUnavailable, "")));
            return;
        }
        if (session.IsStateless)
            await ToStatelessAsync(session, slot, message, origin, decision);
        else if (message.Kind == RpcKind.Request)
            await AskAsync(session, slot, message, origin, decision);
        else
            Notify(session, slot, message, origin, decision);
    }

    /// <summary>A message that did not fit into the queue: a request is refused, the rest is dropped.</summary>
    public void OnShed(BackendSlot slot, RpcMessage message, bool isFirst)
    {
        if (isFirst)
            Log.Shed(logger, slot.Name);
        if (message.Kind == RpcKind.Request)
            _ = AnswerAsync(slot, RpcReply.Error(message.Span(message.Id), TooMany, "too many messages are waiting for the agent"));
    }

    /// <summary>A question on a connection that no one session owns: recorded, and refused as unknown.</summary>
    public void OnUnasked(GatewaySession session, BackendSlot slot, RpcMessage message)
    {
        var call = Context(session, slot, message);
        var failure = Failure.Of(DenyReason.MessageMalformed, "a shared backend asked a question, and has no one agent to ask");
        _ = recorder.WriteAsync(recorder.Entry(call, failure, session) with { Direction = "server" }, failure).AsTask();
        _ = AnswerAsync(slot, RpcReply.Error(message.Span(message.Id), MethodNotFound, "Method not found"));
    }

    /// <summary>A notification on a connection of several agents that may be about any of them: recorded, and told to none.</summary>
    public void OnUnowned(GatewaySession session, BackendSlot slot, RpcMessage message)
    {
        var call = Context(session, slot, message);
        var decision = responses.Evaluate(call);
        var entry = recorder.Entry(call, decision, session) with { Direction = "server", Detail = "not delivered: a shared backend does not say which agent it is about" };
        _ = recorder.WriteAsync(entry, decision).AsTask();
    }

    public void OnRefused(GatewaySession session, BackendSlot slot, EnvelopeError error)
    {
        Log.Refused(logger, slot.Name, error.Fault.ToString(), error.Offset);
        var call = new CallContext
        {
            Policies = policies(),
            Principal = session.Principal,
            Policy = null,
            Method = "",
            IsRequest = false,
            Target = new Target(TargetKind.None, "", slot.Name, "", true),
            Malformed = error.Detail,
            Place = Place.Result,
            Timestamp = time.GetTimestamp(),
        };
        var decision = responses.Evaluate(call);
        _ = recorder.WriteAsync(recorder.Entry(call, decision, session) with { Direction = "server" }, decision).AsTask();
    }

    /// <summary>Tells a new connection what the session has set: its logging level and its subscriptions.</summary>
    public async ValueTask OnConnectedAsync(GatewaySession session, BackendSlot slot, IBackend backend)
    {
        if (!session.LoggingLevel.IsEmpty && backend.Offers("logging"))
            await Telling.TellAsync(slot, backend.RequestAsync, Methods.SetLevel, session.LoggingLevel);
        foreach (var uri in session.Subscriptions.Of(slot))
        {
            await Telling.TellAsync(slot, backend.RequestAsync, Methods.ResourcesSubscribe, (byte[])[.. "{\"uri\":"u8, .. JsonText.Quote(uri), .. "}"u8]);
        }
        foreach (var id in session.WatchedTasks.Of(slot))
        {
            if (backend is ITaskWatch tasks)
                await WatchAsync(tasks, id);
        }
        lists.OnConnected(session, slot);
    }

    public void OnLost(GatewaySession session, BackendSlot slot, string reason)
    {
        Log.Lost(logger, slot.Name, reason);
        lists.OnLost(session, slot);
    }

    public void OnDown(BackendSlot slot, string reason, bool isNews)
    {
        if (isNews)
            recorder.BackendDown(slot.Name, reason);
    }

    private async ValueTask ToStatelessAsync(GatewaySession session, BackendSlot slot, RpcMessage message, InFlightCall? origin, Decision decision)
    {
        if (message.Kind == RpcKind.Request)
        {
            if (stateless.Ask(session, slot, message, origin, decision) is { } answer)
                await AnswerAsync(slot, answer);
            return;
        }
        var edits = Outgoing.Edits(decision);
        if (message.Method == Methods.LogMessage && session.Slots.Count > 1)
            PrefixLogger(edits, message, slot.Name);
        stateless.Notify(session, slot, message, origin, edits);
    }

    private async ValueTask AskAsync(GatewaySession session, BackendSlot slot, RpcMessage message, InFlightCall? origin, Decision decision)
    {
        if (IsTaskOfAnother(session, slot, message))
        {
            await AnswerAsync(slot, RpcReply.Error(message.Span(message.Id), InvalidParams, "Unknown task"));
            return;
        }
        var token = message.ProgressToken.IsEmpty ? default : (ReadOnlyMemory<byte>)message.Memory(message.ProgressToken).ToArray();
        var id = session.ServerRequests.Add(new ServerRequest(slot, message.Memory(message.Id).ToArray(), message.Method, token));
        if (id == 0)
        {
            await AnswerAsync(slot, RpcReply.Error(message.Span(message.Id), TooMany, "too many questions are waiting for the agent"));
            return;
        }
        var edits = Outgoing.Edits(decision);
        TaskIds.Expose(edits, session, message, TaskIds.InServerMessage(message), slot.Name);
        Outgoing.Put(edits, message.Id, RpcIds.Of(id));
        if (Send(session, slot, origin, Splice.ToArray(message.Bytes.Span, edits.ToArray()), isDroppable: false))
            return;
        session.ServerRequests.Remove(id);
        await AnswerAsync(slot, RpcReply.Error(message.Span(message.Id), TooMany, "the agent does not listen"));
    }

    private void Notify(GatewaySession session, BackendSlot slot, RpcMessage message, InFlightCall? origin, Decision decision)
    {
        var edits = Outgoing.Edits(decision);
        switch (message.Method)
        {
            case Methods.Progress:
                if (slot.Progress.Find(message.Span(message.ProgressToken)) is not { } call || call.Session != session)
                    return; // late, or for a call of nobody
                origin = call;
                if (slot.Config.Shared)
                    Outgoing.Put(edits, message.ProgressToken, call.Message.Memory(call.Message.ProgressToken));
                break;
            case Methods.LogMessage when session.Slots.Count > 1:
                PrefixLogger(edits, message, slot.Name);
                break;
            case Methods.Cancelled:
                var id = session.ServerRequests.Find(slot, message.Span(message.CancelledId));
                if (id == 0)
                    return;
                session.ServerRequests.Remove(id);
                Outgoing.Put(edits, message.CancelledId, RpcIds.Of(id));
                break;
            case Methods.ToolsChanged or Methods.PromptsChanged or Methods.ResourcesChanged:
                lists.OnChanged(session, slot, message.Method, message.Bytes);
                return;
            case Methods.ResourceUpdated when message.UriText is { } uri:
                if (!session.Subscriptions.Want(slot, uri))
                    return;
                var exposed = session.Catalogue.ExposeUri(ListKind.Resources, slot.Name, uri);
                if (policies().PolicyOf(session.Principal) is not { } policy || !policy.Allows(new Target(TargetKind.Resource, exposed, slot.Name, uri, true)))
                    return;
                if (exposed != uri)
                    Outgoing.Put(edits, message.Uri, JsonText.Quote(exposed));
                break;
        }
        TaskIds.Expose(edits, session, message, TaskIds.InServerMessage(message), slot.Name);
        var bytes = edits.Count == 0 ? message.Bytes : Splice.ToArray(message.Bytes.Span, edits.ToArray());
        Send(session, slot, origin, bytes, IsDroppable(message));
    }

    // The stream of the call it belongs to; when the transport cannot tell, that of the only call under way; else the GET stream.
    private static bool Send(GatewaySession session, BackendSlot slot, InFlightCall? origin, ReadOnlyMemory<byte> message, bool isDroppable)
    {
        var call = origin ?? LatestCall(session, slot);
        return call?.Reply.TrySend(message, isDroppable) == true || session.Events.TrySend(message, isDroppable);
    }

    private static InFlightCall? LatestCall(GatewaySession session, BackendSlot slot)
    {
        InFlightCall? latest = null;
        var count = 0;
        foreach (var (_, call) in session.Calls)
        {
            if (call.Slot != slot)
                continue;
            count++;
            if (latest is null || call.Sequence > latest.Sequence)
                latest = call;
        }
        return count == 1 || !session.Events.IsOpen ? latest : null;
    }

    // The agent's tasks are one list to the agent: of several backends, each may ask for those it caused, and none for the list.
    private static bool IsTaskOfAnother(GatewaySession session, BackendSlot slot, RpcMessage message) =>
        session.Slots.Count > 1 && (message.Method == Methods.TasksList
            || (TaskIds.IsOfOneTask(message.Method)
                && !(TaskIds.Text(message, TaskIds.InParams(message)) is { } id && session.Tasks.OfAgent.GetValueOrDefault(id) == slot)));

    // Of several backends one must be told from another: the name goes before the logger.
    private static void PrefixLogger(List<Edit> edits, RpcMessage message, string backend)
    {
        if (message.Params.IsEmpty)
            return;
        var parameters = message.Span(message.Params);
        var logger = JsonMembers.Find(parameters, "logger"u8);
        if (logger.IsEmpty)
            Outgoing.Put(edits, new ByteRange(message.Params.Start + 1, 0), (byte[])[.. "\"logger\":"u8, .. JsonText.Quote(backend), .. (IsEmptyObject(parameters) ? ""u8 : ","u8)]);
        else if (JsonMembers.Text(parameters, "logger"u8) is { } name)
            Outgoing.Put(edits, logger with { Start = message.Params.Start + logger.Start }, JsonText.Quote($"{backend}/{name}"));
    }

    private static bool IsEmptyObject(ReadOnlySpan<byte> json) => json[1..^1].IndexOfAnyExcept(" \t\r\n"u8) < 0;

    private CallContext Context(GatewaySession session, BackendSlot slot, RpcMessage message)
    {
        var snapshot = policies();
        return new CallContext
        {
            Policies = snapshot,
            Principal = session.Principal,
            Policy = snapshot.PolicyOf(session.Principal),
            Unproven = standing.Unproven(session.Principal),
            Method = message.Method,
            IsUnknownMethod = snapshot.Config.DenyUnknownMethods && !Methods.IsKnown(message.Method),
            IsRequest = message.Kind == RpcKind.Request || InputQuestions.Asks(message), // its own questions are scanned also with scan_responses: false
            Target = OfTask(session, slot, message) ?? new Target(TargetKind.None, "", slot.Name, "", true),
            Malformed = Misuse.Of(message),
            Content = message.Bytes,
            Place = Place.Result,
            Timestamp = time.GetTimestamp(),
        };
    }

    // How a task stands is told with its result, which is its tool's.
    private static Target? OfTask(GatewaySession session, BackendSlot slot, RpcMessage message) =>
        message.Method == Methods.TaskChanged && TaskIds.Text(message, TaskIds.InParams(message)) is { } own ? session.Tasks.FindOwn(slot.Name, own)?.Target : null;

    private static async Task AnswerAsync(BackendSlot slot, byte[] answer)
    {
        try
        {
            if (slot.Current is { } backend)
                await backend.SendAsync(answer, CancellationToken.None);
        }
        catch (BackendUnavailableException)
        {
            // It left; it waits for no answer.
        }
    }

    private static async ValueTask WatchAsync(ITaskWatch backend, string id)
    {
        try
        {
            await backend.WatchTaskAsync(id, CancellationToken.None);
        }
        catch (Exception e) when (e is BackendUnavailableException or TimeoutException or OperationCanceledException)
        {
            // The connection is lost again; the next one is told anew.
        }
    }

    private long Micros(long since) => (long)time.GetElapsedTime(since).TotalMicroseconds;

    private static partial class Log
    {
        [LoggerMessage(EventIds.DoorFault, LogLevel.Error, "A message of backend {Backend} could not be handled (method {Method}).")]
        public static partial void Fault(ILogger logger, string backend, string method, Exception e);

        [LoggerMessage(EventIds.BackendRefused, LogLevel.Warning, "Backend {Backend} sent something that is not one message: {Fault} at byte {Offset}")]
        public static partial void Refused(ILogger logger, string backend, string fault, int offset);

        [LoggerMessage(EventIds.BackendFloods, LogLevel.Warning, "Backend {Backend} says more than can be judged and passed on; progress and log messages of its session are left out")]
        public static partial void Shed(ILogger logger, string backend);

        [LoggerMessage(EventIds.BackendLost, LogLevel.Warning, "Backend {Backend} was lost: {Reason}")]
        public static partial void Lost(ILogger logger, string backend, string reason);
    }
}
