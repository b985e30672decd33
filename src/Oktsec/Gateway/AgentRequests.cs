using Microsoft.AspNetCore.Http;
using Oktsec.Core.Pipeline;
using Oktsec.Mcp.Backends;
using Oktsec.Mcp.Envelope;
using Oktsec.Mcp.Http;

namespace Oktsec.Gateway;

/// <summary>What each allowed request of an agent leads to.</summary>
internal sealed class AgentRequests(
    SessionRegistry sessions, BackendRegistry backends, Initializer initializer, ListReply lists, TaskRequests tasks, Relay relay, Recorder recorder,
    ServerRelay fromBackends, GatewayLife life)
{
    private const int MethodNotFound = -32601;

    /// <summary>Opens a session.</summary>
    public async Task InitializeAsync(Exchange x)
    {
        var parameters = x.Message.Memory(x.Message.Params).ToArray();
        var asked = JsonMembers.Text(parameters, "protocolVersion"u8);
        if (asked is null)
        {
            await relay.AnswerAsync(x, RpcReply.Error(x.Message.Span(x.Message.Id), -32602, "params.protocolVersion must be a string"));
            return;
        }
        var config = x.Call.Policies.Config;
        if (life.IsDraining || !sessions.TryReserve(x.Call.Principal.Agent, config.Limits))
        {
            var full = Failure.Of(DenyReason.ConcurrencyExceeded, life.IsDraining ? "the gateway is shutting down" : "too many open sessions; end one with DELETE", 1);
            await recorder.WriteAsync(recorder.Entry(x.Call, full, ""), full);
            await x.Reply.FinishAsync(DenialResponse.ToAgent(x.Message, Target.None, full, Held.Nothing, x.Entry.Id), StatusCodes.Status503ServiceUnavailable);
            return;
        }
        var session = new GatewaySession(SessionRegistry.NewId(), x.Call.Principal, Revisions.Negotiate(asked), parameters, fromBackends);
        backends.Open(session, sessions);
        if (!await recorder.WriteAsync(x.Entry with { Session = session.RecordId, PipelineMicroseconds = relay.Micros(x.Started) }, x.Decision))
        {
            await CloseAsync(session);
            await Relay.DenyAsync(x, Failure.Of(DenyReason.AuditUnavailable, "the session could not be recorded"), x.Entry.Id);
            return;
        }
        x.Reply.Headers[HeaderRules.Session] = session.Id;
        x.Reply.StreamWhenSlow(Heartbeat.StreamAfter);
        var result = await initializer.ResultAsync(session, x.Call.Policies);
        await x.Reply.FinishAsync(RpcReply.Result(x.Message.Span(x.Message.Id), result.Span));
    }

    public Task RequestAsync(Exchange x, Found found) => x.Message.Method switch
    {
        Methods.Ping => x.Reply.FinishAsync(RpcReply.Result(x.Message.Span(x.Message.Id), "{}"u8)).AsTask(),
        Methods.SetLevel => SetLevelAsync(x),
        Methods.ResourcesSubscribe or Methods.ResourcesUnsubscribe => SubscribeAsync(x, found),
        Methods.TasksList => tasks.ListAsync(x),
        var method when TaskIds.IsOfOneTask(method) => tasks.OneAsync(x, found),
        _ when ListKind.OfMethod(x.Message.Method) is { } kind => ListAsync(x, kind),
        _ when found.Target.Kind != TargetKind.None => ForwardAsync(x, found),
        _ => UnknownAsync(x),
    };

    /// <summary>Ends a session and everything it holds.</summary>
    public async ValueTask CloseAsync(GatewaySession session) => await sessions.EndAsync(session);

    private async Task ForwardAsync(Exchange x, Found found)
    {
        var hashed = x with { Entry = x.Entry with { ArgumentsHash = recorder.HashArguments(x.Message.Memory(x.Message.Arguments)) } };
        if (x.Session.Slot(found.Target.Backend) is { } slot)
            await relay.ForwardAsync(hashed, slot, found.NameRange, found.OwnName);
        else // observe mode lets a name through that nobody offers; the answer is the same
            await relay.AnswerAsync(hashed, DenialResponse.Nonexistent(x.Message.Span(x.Message.Id), found.Target));
    }

    private async Task ListAsync(Exchange x, ListKind kind)
    {
        try
        {
            var answer = await lists.AnswerAsync(x, kind, x.Session.Closing);
            x.Session.SeenLists[kind] = ListWatcher.Fingerprint(x.Session, kind, x.Call.Policies);
            await relay.AnswerAsync(x, answer);
        }
        catch (Exception e) when (Relay.IsUnavailable(e, x))
        {
            await relay.UnavailableAsync(x, e);
        }
    }

    private async Task SetLevelAsync(Exchange x)
    {
        x.Session.LoggingLevel = x.Message.Memory(x.Message.Params).ToArray();
        var slots = x.Session.Slots; // a reload may replace them
        if (slots is [var only])
        {
            await relay.ForwardAsync(x, only, default, null);
            return;
        }
        await Task.WhenAll(slots.Select(slot => TellAsync(slot, x.Session.LoggingLevel)));
        await relay.AnswerAsync(x, RpcReply.Result(x.Message.Span(x.Message.Id), "{}"u8));
    }

    // Those that are not there are told when they come back (ServerRelay.OnConnectedAsync).
    private static async Task TellAsync(BackendSlot slot, ReadOnlyMemory<byte> level)
    {
        if (slot.Current is { } backend && backend.Offers("logging"))
            await Telling.TellAsync(slot, slot.RequestAsync, Methods.SetLevel, level);
    }

    // A shared backend has one subscription for all: only the first subscribe and the last unsubscribe reach it.
    private async Task SubscribeAsync(Exchange x, Found found)
    {
        var uri = found.Target.OwnName;
        if (x.Session.Slot(found.Target.Backend) is not { } slot)
        {
            await ForwardAsync(x, found);
            return;
        }
        var shared = slot.Config.Shared ? backends.Shared(slot.Name) : null;
        if (x.Message.Method == Methods.ResourcesSubscribe)
        {
            if (x.Session.Subscriptions.TryAdd(slot, uri))
                shared?.Subscriptions.Add(uri);
            await ForwardAsync(x, found);
            return;
        }
        var was = x.Session.Subscriptions.TryRemove(slot, uri);
        var isLast = shared is null || shared.Subscriptions.IsLast(uri);
        if (was)
            shared?.Subscriptions.Remove(uri);
        if (isLast)
            await ForwardAsync(x, found);
        else
            await relay.AnswerAsync(x, RpcReply.Result(x.Message.Span(x.Message.Id), "{}"u8));
    }

    // A method we do not know goes to the only backend there is; of several nobody can say which is meant.
    private async Task UnknownAsync(Exchange x)
    {
        if (x.Session.Slots is [var only])
            await relay.ForwardAsync(x, only, default, null);
        else
            await relay.AnswerAsync(x, RpcReply.Error(x.Message.Span(x.Message.Id), MethodNotFound, "Method not found"));
    }
}

/// <summary>Whether the gateway still takes new work.</summary>
internal sealed class GatewayLife
{
    private volatile bool _draining;

    public bool IsDraining => _draining;

    public void Drain() => _draining = true;
}
