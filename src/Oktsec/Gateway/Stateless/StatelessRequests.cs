using System.Text;
using Microsoft.AspNetCore.Http;
using Oktsec.Core.Pipeline;
using Oktsec.Mcp.Backends;
using Oktsec.Mcp.Envelope;
using Oktsec.Mcp.Http;

namespace Oktsec.Gateway.Stateless;

/// <summary>What each allowed message of an agent that knows no sessions leads to (MCP 2026-07-28).</summary>
internal sealed class StatelessRequests(
    AgentStates states, Discovery discovery, ListReply lists, ListenRequests listening, StatelessRelay calls, Relay relay, Recorder recorder)
{
    /// <summary>The state of whoever sent a message, once it is clear who that is and that it may have one; or why there is none.</summary>
    public (GatewaySession? Session, HttpProblem? Problem) Admit(Inbound inbound, Core.Identity.Principal principal, HttpFacts facts, GatewayState state)
    {
        var policies = state.Policies;
        var mayCall = policies.PolicyOf(principal) is { IsSuspended: false } || policies.IsObserving;
        if (inbound.Refusal is not null || inbound.Problem is not null || !facts.IsOriginAllowed || !facts.IsHostAllowed || !mayCall)
            return (null, null); // the pipeline says what is wrong with it; nothing is kept of it
        return states.Find(principal, inbound.Message!, policies.Config.Limits) is { } session ? (session, null)
            : (null, new HttpProblem(StatusCodes.Status503ServiceUnavailable, "the gateway has no room for this agent now", RetryAfterSeconds: 1));
    }

    /// <summary>Answers what was allowed and has no state to be served with.</summary>
    public async Task RefuseAsync(Exchange x, HttpProblem problem)
    {
        var full = Failure.Of(DenyReason.ConcurrencyExceeded, problem.Detail, problem.RetryAfterSeconds);
        await recorder.WriteAsync(recorder.Entry(x.Call, full, "") with { PipelineMicroseconds = relay.Micros(x.Started) }, full);
        await x.Reply.FinishAsync(DenialResponse.ToAgent(x.Message, Target.None, full, Held.Nothing, x.Entry.Id), problem.Status);
    }

    public async Task RequestAsync(Exchange x, Found found, IHeaderDictionary headers)
    {
        // After visibility: what the headers of a hidden tool should be is nobody's business.
        if (found.Offer?.Mirrored.Check(x.Message.Memory(x.Message.Arguments), headers) is { } refusal && x.Message.Method == Methods.ToolsCall)
        {
            var failure = Failure.Of(DenyReason.MessageMalformed, refusal.Detail);
            await recorder.WriteAsync(recorder.Entry(x.Call, failure, x.Session) with { PipelineMicroseconds = relay.Micros(x.Started) }, failure);
            await x.Reply.FinishAsync(RpcReply.Error(x.Message.Span(x.Message.Id), refusal.Code, refusal.Detail), refusal.Status);
            return;
        }
        await (x.Message.Method switch
        {
            Methods.Discover => DiscoverAsync(x),
            Methods.Listen => listening.ServeAsync(x),
            var method when TaskIds.IsOfOneTask(method) => TaskAsync(x, found),
            var method when ListKind.OfMethod(method) is { } kind => ListAsync(x, kind),
            _ when found.Target.Kind != TargetKind.None => CallAsync(x, found),
            _ => UnknownAsync(x),
        });
    }

    /// <summary>Notifications have no place in the core of this revision over HTTP; what an extension sends goes to the agent's own backends.</summary>
    public async Task NotificationAsync(Exchange x)
    {
        var isOfSessions = x.Message.Method is Methods.Initialized or Methods.Cancelled or Methods.Progress or Methods.RootsChanged or Methods.TaskStatus;
        if (await recorder.WriteAsync(x.Entry with { PipelineMicroseconds = relay.Micros(x.Started) }, x.Decision) && !isOfSessions)
        {
            var bytes = Splice.ToArray(x.Message.Bytes.Span, Outgoing.Edits(x.Decision).ToArray());
            foreach (var slot in x.Session.Slots)
            {
                if (!slot.Config.Shared)
                    await AgentAnswers.SendAsync(slot, bytes);
            }
        }
        await x.Reply.FinishEmptyAsync();
    }

    /// <summary>A request was denied.</summary>
    public void OnDenied(Exchange x) => calls.OnDenied(x);

    private async Task DiscoverAsync(Exchange x)
    {
        var result = await discovery.ResultAsync(x.Session, x.Call.Policies);
        await relay.AnswerAsync(x, RpcReply.Result(x.Message.Span(x.Message.Id), result));
    }

    private async Task ListAsync(Exchange x, ListKind kind)
    {
        try
        {
            var (answer, status) = StatelessResult.Complete(x.Message.Method, await lists.AnswerAsync(x, kind, x.Session.Closing));
            // Kept when first seen, not when seen again: another client of this principal may still have the earlier one.
            if (!x.Session.SeenLists.ContainsKey(kind))
                x.Session.SeenLists.TryAdd(kind, ListWatcher.Fingerprint(x.Session, kind, x.Call.Policies));
            await relay.AnswerAsync(x, answer, status);
        }
        catch (Exception e) when (Relay.IsUnavailable(e, x))
        {
            await relay.UnavailableAsync(x, e);
        }
    }

    private async Task CallAsync(Exchange x, Found found)
    {
        var hashed = x with { Entry = x.Entry with { ArgumentsHash = recorder.HashArguments(x.Message.Memory(x.Message.Arguments)) } };
        if (x.Session.Slot(found.Target.Backend) is not { } slot) // observe mode lets a name through that nobody offers; the answer is the same
            await relay.AnswerAsync(hashed, DenialResponse.Nonexistent(x.Message.Span(x.Message.Id), found.Target, isStateless: true));
        else if (x.Message.RequestState.IsEmpty)
            await calls.ForwardAsync(hashed, slot, found.NameRange, found.OwnName);
        else if (calls.StateOf(x) is { } state)
            await (state.Kind switch
            {
                StateKind.Parked => calls.ResumeAsync(hashed, state.Content),
                // The backend gets back what it gave.
                StateKind.OfBackend => calls.ForwardAsync(
                    hashed, slot, found.NameRange, found.OwnName, new Edit(x.Message.RequestState, JsonText.Quote(Encoding.UTF8.GetString(state.Content.AsSpan(1)))), state.Content[0]), // the round comes first
                _ => calls.ForwardAsync(hashed, slot, found.NameRange, found.OwnName, WithoutState(x.Message), state.Content[0]),
            });
        else // whatever it is: it was written for another request or agent, or by somebody else, or it is too old
            await calls.RejectAsync(hashed, "requestState is not of this request, or too old; send the request again without it");
    }

    private static Edit WithoutState(RpcMessage message)
    {
        var whole = JsonMembers.FindWhole(message.Span(message.Params), "requestState"u8);
        return new Edit(whole with { Start = message.Params.Start + whole.Start }, default);
    }

    // A task is the tool it was created by; one that this agent has not been told of is none of its own.
    private Task TaskAsync(Exchange x, Found found) =>
        found.Task is { } task && x.Session.Slot(task.Backend) is { } owner
            ? calls.ForwardAsync(x, owner, found.NameRange, task.OwnId == task.Id ? null : task.OwnId)
            : relay.AnswerAsync(x, RpcReply.Error(x.Message.Span(x.Message.Id), RequestRefusal.InvalidParams, "Unknown task"));

    // A method we do not know goes to the only backend there is; of several nobody can say which is meant.
    private Task UnknownAsync(Exchange x) => x.Session.Slots is [var only]
        ? calls.ForwardAsync(x, only, default, null)
        : relay.AnswerAsync(x, RpcReply.Error(x.Message.Span(x.Message.Id), RequestRefusal.MethodNotFound, "Method not found"), StatusCodes.Status404NotFound);
}
