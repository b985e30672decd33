using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Oktsec.Core.Identity;
using Oktsec.Core.Pipeline;
using Oktsec.Gateway.Stateless;
using Oktsec.Identity;
using Oktsec.Mcp.Envelope;
using Oktsec.Mcp.Http;
using Oktsec.Scanning;

namespace Oktsec.Gateway;

/// <summary>The agents' door: builds the context of every message, asks the pipeline once, and hands what is allowed to the right hands.</summary>
internal sealed partial class GatewayDoor(
    GatewayStateHolder states, SecurityPipeline requests, SessionRegistry sessions, TargetFinder targets, AgentRequests handlers,
    StatelessRequests stateless, AgentAnswers answers, Recorder recorder, Heartbeat heartbeat, TimeProvider time, ILogger<GatewayDoor> logger) : IAgentDoor
{
    private const int InternalError = -32603;

    public async Task PostAsync(Inbound inbound, PostReply reply)
    {
        try
        {
            await HandleAsync(inbound, reply);
        }
        catch (OperationCanceledException) when (inbound.Http.RequestAborted.IsCancellationRequested)
        {
            // The agent left; there is nobody to answer.
        }
        catch (Exception e) // The door: whatever went wrong is logged once and answered; nothing was forwarded that was not recorded.
        {
            Log.Fault(logger, inbound.Message?.Method ?? "", e);
            await reply.FinishAsync(RpcReply.Error(IdOf(inbound.Message), InternalError, "internal error"), StatusCodes.Status500InternalServerError);
        }
    }

    public async Task GetAsync(HttpContext http, HttpProblem? problem)
    {
        var (session, refused) = await AdmitAsync(http, problem);
        if (session is null)
            await RefuseAsync(http, refused!);
        else if (http.Request.Headers["Last-Event-ID"].ToString() is { Length: > 0 } last)
            await ResumeAsync(http, session, last);
        else if (!await session.Events.ServeAsync(http, heartbeat, session.Closing))
            await RefuseAsync(http, new HttpProblem(StatusCodes.Status409Conflict, "this session has an open stream already"));
    }

    // The GET stream itself has no ids: an id is always of the stream of a POST.
    private async Task ResumeAsync(HttpContext http, GatewaySession session, string lastEventId)
    {
        if (session.Replies?.Find(lastEventId) is { } kept)
            await kept.Log.ServeAsync(http, kept.Number, heartbeat, session.Closing);
        else
            await RefuseAsync(http, new HttpProblem(StatusCodes.Status400BadRequest, "Last-Event-ID names no stream of this session that is still kept"));
    }

    public async Task DeleteAsync(HttpContext http, HttpProblem? problem)
    {
        var (session, refused) = await AdmitAsync(http, problem);
        if (session is null)
        {
            await RefuseAsync(http, refused!);
            return;
        }
        await handlers.CloseAsync(session);
        http.Response.StatusCode = StatusCodes.Status200OK;
    }

    public Task OptionsAsync(HttpContext http)
    {
        CrossOrigin.Preflight(http, states.Current.Hosts.Of(http));
        return Task.CompletedTask;
    }

    private async Task HandleAsync(Inbound inbound, PostReply reply)
    {
        var started = time.GetTimestamp();
        var (http, message, error, problem) = inbound;
        var state = states.Current;
        var (principal, unclear, unproven) = state.Identity.Identify(http);
        var facts = state.Hosts.Of(http);
        CrossOrigin.Allow(http, facts);
        // 1. Which session, and is it theirs.
        var (session, noSession) = message is null || unproven is not null ? (null, null)
            : inbound.IsStateless ? (unclear is null ? stateless.Admit(inbound, principal, facts, state) : default)
            : message.Method == Methods.Initialize ? (null, null) : FindSession(http, principal);
        if (message is { Method: Methods.Initialize } && !inbound.IsStateless && http.Request.Headers.ContainsKey(HeaderRules.Session))
            problem ??= new HttpProblem(StatusCodes.Status400BadRequest, "initialize opens a session and must not name one");
        session?.Touch(started);
        // 2. What it is for.
        var found = session is null || message is not { Kind: RpcKind.Request } ? Found.Nothing
            : await targets.FindAsync(session, message, state.Policies, http.RequestAborted);
        state = states.Current; // what was found may be news, and may have changed what the lists of agents mean
        var asked = message is { Kind: RpcKind.Response or RpcKind.ErrorResponse } ? session?.ServerRequests.Take(message.Span(message.Id)) : null;
        // 3. May it.
        var call = new CallContext
        {
            Policies = state.Policies,
            Principal = principal,
            Policy = state.Policies.PolicyOf(principal),
            Method = asked?.Method ?? message?.Method ?? "",
            IsUnknownMethod = state.Policies.Config.DenyUnknownMethods && !Methods.IsKnown(message?.Method ?? ""),
            IsRequest = message is { Kind: RpcKind.Request },
            Target = asked is null ? found.Target : new Target(TargetKind.None, "", asked.Slot.Name, "", true),
            Malformed = problem?.Detail ?? error?.Detail ?? inbound.Refusal?.Detail ?? unclear ?? Misuse.Of(message),
            Unproven = unproven,
            Http = facts,
            Content = message?.Bytes ?? default,
            Place = Place.Arguments,
            Hints = found.Offer?.Hints ?? ScanHints.None,
            Timestamp = started,
        };
        using var judged = requests.Evaluate(call);
        // What is not known yet is not nonexistent, and what is hidden gets the same answer.
        var awaited = session is null || !IsNonexistent(call, judged) ? null : await AwaitedAsync(session, call, http.RequestAborted);
        // Observing delivers what would be denied, but what cannot be read or found cannot be delivered.
        var decision = call.Malformed is { } malformed && judged.IsAllowed ? Failure.Of(DenyReason.MessageMalformed, malformed)
            : awaited is not null && !call.Target.Exists ? awaited : judged;
        var x = new Exchange(session!, message!, reply, call, decision, recorder.Entry(call, decision, session), started);
        if (!decision.IsAllowed || message is null)
        {
            await DenyAsync(x, inbound, asked, awaited ?? decision);
            return;
        }
        if (noSession is not null)
        {
            await (inbound.IsStateless ? stateless.RefuseAsync(x, noSession) : RefuseAsync(x, noSession));
            return;
        }
        // 4. Into the right hands.
        switch (message.Kind)
        {
            case RpcKind.Request when inbound.IsStateless:
                // What was wrong shows in the status too (Streamable HTTP, "Sending Messages"), and a stream has but one: it begins no sooner than it must.
                reply.StreamWhenSlow(Heartbeat.KeepAliveEvery);
                await stateless.RequestAsync(x, found, http.Request.Headers);
                break;
            case RpcKind.Notification when inbound.IsStateless:
                await stateless.NotificationAsync(x);
                break;
            case RpcKind.Request when message.Method == Methods.Initialize:
                await handlers.InitializeAsync(x);
                break;
            case RpcKind.Request:
                reply.Logs = session!.Replies;
                reply.StreamWhenSlow(Heartbeat.StreamAfter);
                await handlers.RequestAsync(x, found);
                break;
            case RpcKind.Notification:
                await answers.NotificationAsync(x);
                break;
            default:
                await answers.AnswerAsync(x, asked);
                break;
        }
    }

    private async ValueTask<Decision?> AwaitedAsync(GatewaySession session, CallContext call, CancellationToken cancel)
    {
        await targets.SettleAsync(session, call.Target.Kind, call.Policies, cancel);
        return Awaited.Of(session, call.Target.Kind, call.Target.Name, call.Policy);
    }

    private static bool IsNonexistent(CallContext call, Decision decision) =>
        call.Malformed is null && call.Target.Kind != TargetKind.None
        && (decision.IsAllowed ? !call.Target.Exists : DenyReasons.Row(decision.Reason).Wire == WireForm.Nonexistent);

    // The record says why it was denied; the answer may say less.
    private async Task DenyAsync(Exchange x, Inbound inbound, ServerRequest? asked, Decision shown)
    {
        var (call, decision) = (x.Call, x.Decision);
        var entry = x.Entry with { PipelineMicroseconds = Micros(x.Started), ArgumentsHash = Arguments(x.Message) };
        var held = x.Message is null ? Held.Nothing : await recorder.HoldAsync(entry, call, decision, "request", x.Message.Bytes);
        await recorder.WriteAsync(held.Mark(entry), decision);
        if (asked is not null)
            await AgentAnswers.SendAsync(asked.Slot, DenialResponse.ToServer(asked.Id.Span, decision));
        if (inbound.IsStateless && x.Session is not null)
            stateless.OnDenied(x);
        var form = decision.Reason == DenyReason.None ? WireForm.BadRequest : DenyReasons.Row(decision.Reason).Wire;
        if (form == WireForm.BadRequest)
        {
            var refusal = inbound.Problem is null && call.Malformed == inbound.Refusal?.Detail ? inbound.Refusal : null;
            var status = inbound.Problem?.Status ?? refusal?.Status ?? StatusCodes.Status400BadRequest;
            var answer = inbound.Error is { } error ? RpcReply.Error(error)
                : refusal is not null ? RpcReply.Error(IdOf(x.Message), refusal.Code, refusal.Detail, refusal.Data.Span) : RpcReply.Error(IdOf(x.Message), -32600, call.Malformed ?? decision.Detail);
            await x.Reply.FinishAsync(answer, status);
        }
        else if (form is WireForm.Forbidden or WireForm.Unauthorized)
        {
            if (form == WireForm.Unauthorized)
                x.Reply.Headers.WWWAuthenticate = BearerChallenge.Of(inbound.Http.Request, decision.Detail);
            await x.Reply.FinishAsync(RpcReply.Error([], -32600, DenialResponse.Text(decision, Held.Nothing)), DenialResponse.StatusOf(form));
        }
        else if (x.Message is { Kind: RpcKind.Request })
        {
            var isUnknown = inbound.IsStateless && decision.Reason == DenyReason.ToolNotAllowed && call.Target.Kind == TargetKind.None;
            await x.Reply.FinishAsync(DenialResponse.ToAgent(x.Message, call.Target, shown, held, entry.Id), isUnknown ? StatusCodes.Status404NotFound : StatusCodes.Status200OK);
        }
        else
        {
            await x.Reply.FinishEmptyAsync(); // a notification is dropped, an answer was refused to the server
        }
    }

    private async Task RefuseAsync(Exchange x, HttpProblem problem)
    {
        var failure = Failure.Of(DenyReason.MessageMalformed, problem.Detail);
        await recorder.WriteAsync(recorder.Entry(x.Call, failure, "") with { PipelineMicroseconds = Micros(x.Started) }, failure);
        await x.Reply.FinishAsync(RpcReply.Error(IdOf(x.Message), problem.Status == StatusCodes.Status404NotFound ? -32001 : -32000, problem.Detail), problem.Status);
    }

    // GET and DELETE carry no message: origin, identity and the session decide, by the same pipeline.
    private async ValueTask<(GatewaySession? Session, HttpProblem? Problem)> AdmitAsync(HttpContext http, HttpProblem? problem)
    {
        var state = states.Current;
        var (principal, unclear, unproven) = state.Identity.Identify(http);
        var facts = state.Hosts.Of(http);
        CrossOrigin.Allow(http, facts);
        var call = new CallContext
        {
            Policies = state.Policies,
            Principal = principal,
            Policy = state.Policies.PolicyOf(principal),
            Method = http.Request.Method,
            Malformed = unclear ?? problem?.Detail,
            Unproven = unproven,
            Http = facts,
            Timestamp = time.GetTimestamp(),
        };
        using var decision = requests.Evaluate(call);
        var (session, refused) = (problem, decision.IsAllowed) switch
        {
            (_, false) => (null, DenialResponse.OfStream(decision, problem)),
            (not null, true) => (null, problem),
            _ => FindSession(http, principal),
        };
        // What the door refuses after the pipeline let it pass is recorded as refused.
        using var failure = refused is not null && decision.IsAllowed ? Failure.Of(DenyReason.MessageMalformed, refused.Detail) : null;
        return await recorder.WriteAsync(recorder.Entry(call, failure ?? decision, session), failure ?? decision)
            ? (session, refused)
            : (null, new HttpProblem(StatusCodes.Status503ServiceUnavailable, "blocked by oktsec: audit_unavailable"));
    }

    private (GatewaySession? Session, HttpProblem? Problem) FindSession(HttpContext http, Principal principal)
    {
        var id = http.Request.Headers[HeaderRules.Session].ToString();
        return id.Length == 0 ? (null, new HttpProblem(StatusCodes.Status400BadRequest, "Mcp-Session-Id is required; open a session with initialize"))
            : sessions.Find(id) is not { IsStateless: false } session ? (null, new HttpProblem(StatusCodes.Status404NotFound, "Session not found"))
            : session.Principal != principal ? (null, new HttpProblem(StatusCodes.Status403Forbidden, "this session belongs to another agent"))
            : (session, null);
    }

    private async Task RefuseAsync(HttpContext http, HttpProblem problem)
    {
        await using var reply = new PostReply(http, heartbeat);
        if (problem.RetryAfterSeconds > 0)
            reply.Headers.RetryAfter = problem.RetryAfterSeconds.ToString(CultureInfo.InvariantCulture);
        if (problem.Status == StatusCodes.Status401Unauthorized)
            reply.Headers.WWWAuthenticate = BearerChallenge.Of(http.Request, problem.Detail);
        if (problem.Status == StatusCodes.Status405MethodNotAllowed)
            reply.Headers.Allow = "POST";
        await reply.FinishAsync(RpcReply.Error([], -32000, problem.Detail), problem.Status);
    }

    private string Arguments(RpcMessage? message) => message is null ? "" : recorder.HashArguments(message.Memory(message.Arguments));

    private static ReadOnlySpan<byte> IdOf(RpcMessage? message) => message is null ? [] : message.Span(message.Id);

    private long Micros(long since) => (long)time.GetElapsedTime(since).TotalMicroseconds;

    private static partial class Log
    {
        [LoggerMessage(EventIds.DoorFault, LogLevel.Error, "A message could not be handled (method {Method}).")]
        public static partial void Fault(ILogger logger, string method, Exception e);
    }
}
