using Oktsec.Core.Audit;
using Oktsec.Core.Pipeline;
using Oktsec.Gateway;
using Oktsec.Mcp.Envelope;
using Oktsec.Scanning;

namespace Oktsec.StdioProxy;

/// <summary>What the server says: answers judged with the call they belong to, its own requests and notifications by themselves.</summary>
internal sealed class FromServer(
    SecurityPipeline responses, AnswerJudge judge, Recorder recorder, ProxySession session, ByteSink agent, ByteSink server, TimeProvider time) : IServerDirection
{
    private const int InvalidRequest = -32600;
    private const int TooMany = -32000;
    private readonly LongLine _long = new();

    public ByteSink Out => agent;

    public int MaxLine { get; } = session.Policies.Calls.Config.Limits.MaxResultBytes;

    public async ValueTask HandleAsync(RawLine line, ProxyPolicies policies)
    {
        var received = time.GetTimestamp();
        var limits = policies.Calls.Config.Limits;
        if (!EnvelopeReader.TryRead(line.Body, new EnvelopeLimits(limits.MaxResultBytes, limits.MaxDepth), out var message, out var error))
            await RefuseAsync(error.Detail, error.Id.IsEmpty ? IdPeek.OfAnswer(line.Body.Span) : error.Id, policies, line.Bytes); // whoever waits for it waits no longer
        else if (message.Kind is RpcKind.Request or RpcKind.Notification)
            await SaidAsync(message, line, policies, received);
        else if (session.TryAnswer(message.Span(message.Id), out var call))
            await AnsweredAsync(message, call, line, policies, received);
        else
            await RefuseAsync("no request waits for an answer with this id", default, policies, line.Bytes);
    }

    public async ValueTask HandleLongAsync(RawLine piece, ProxyPolicies policies)
    {
        _long.Add(piece.Body.Span);
        if (piece.Kind == RawKind.LongEnd)
            await RefuseAsync($"the server's message is larger than {MaxLine} bytes (limits.max_result_bytes)", _long.TakeId(), policies, piece.Bytes);
        else if (!policies.IsEnforcing)
            await agent.WriteAsync(piece.Bytes);
    }

    public async ValueTask FailAsync(RawLine line)
    {
        if (!EnvelopeReader.TryRead(line.Body, EnvelopeLimits.FromBackends, out var message, out _) || message.Kind == RpcKind.Notification)
            return;
        var answer = RpcReply.Error(message.Span(message.Id), -32603, "internal error");
        if (message.Kind == RpcKind.Request)
            server.Post(answer);
        else
            await agent.WriteLineAsync(answer);
    }

    public async ValueTask UnansweredAsync(byte[] id, Decision failure, ProxyPolicies policies)
    {
        if (session.Calls.TryRemove(RpcIds.Key(id), out var call))
        {
            using var request = call.Decision;
            await recorder.WriteAsync(call.Entry, recorder.Outcome(call.Entry, failure, request, Held.Nothing), failure, isObserved: !policies.IsEnforcing);
        }
        else if (policies.IsEnforcing)
        {
            return; // it was answered: what came was no message, and its caller was told
        }
        await agent.WriteLineAsync(Wire.Unanswered(id, failure));
    }

    // 1. judge with the call  2. the outcome is committed  3. deliver, replace or withhold
    private async ValueTask AnsweredAsync(RpcMessage message, OpenCall call, RawLine line, ProxyPolicies policies, long received)
    {
        using var request = call.Decision;
        // 1: what asks the user or the model in a result is the server's own question, and enforced as one
        var asks = InputQuestions.Asks(message);
        var questions = asks ? InputQuestions.Of(message) : [];
        var judged = await judge.JudgeAsync(message, call, asks ? policies.Calls : policies.Answers, received, asks);
        if (questions.Count > InputQuestions.Most && judged.Decision.Reason == DenyReason.None)
            judged = judged with { Decision = TooManyAtOnce(DenyReason.OutcomeUnknown, policies) };
        var held = await recorder.HoldAsync(call.Entry, judged.Call, judged.Decision, "result", message.Bytes);
        // 2
        var outcome = recorder.Outcome(call.Entry, judged.Decision, request, held) with
        {
            PipelineMicroseconds = call.Entry.PipelineMicroseconds + Micros(received),
            BackendMicroseconds = (long)time.GetElapsedTime(call.Sent, received).TotalMicroseconds,
        };
        // 3
        if (!await recorder.WriteAsync(call.Entry, outcome, judged.Decision, isObserved: !policies.IsEnforcing)
            || !await recorder.WriteQuestionsAsync(judged.Call, judged.Decision, session.RecordId, session.Backend, questions))
            await agent.WriteLineAsync(DenialResponse.InPlace(call.Id, Failure.Of(DenyReason.AuditUnavailable, "")));
        else if (!judged.Decision.IsAllowed)
            await agent.WriteLineAsync(DenialResponse.InPlace(call.Id, judged.Decision));
        else
            await agent.WriteAsync(policies.IsEnforcing ? Wire.Of(line, judged.Edits) : line.Bytes);
    }

    private async ValueTask SaidAsync(RpcMessage message, RawLine line, ProxyPolicies policies, long received)
    {
        var isRequest = message.Kind == RpcKind.Request;
        var call = Context(policies, message, Misuse.Of(message), received);
        var decision = responses.Evaluate(call);
        var isFull = isRequest && decision.IsAllowed && policies.IsEnforcing && session.Questions.Count >= ProxySession.MostQuestions;
        if (isFull)
            decision = Failure.Of(DenyReason.ConcurrencyExceeded, "too many questions wait for the agent");
        else if (decision.Reason == DenyReason.None && InputQuestions.AreTooMany(message))
            decision = TooManyAtOnce(DenyReason.MessageMalformed, policies);
        var entry = recorder.Entry(call, decision, session.RecordId) with { Direction = "server", PipelineMicroseconds = Micros(received) };
        var held = await recorder.HoldAsync(entry, call, decision, "server", message.Bytes);
        var isWritten = await recorder.WriteAsync(held.Mark(entry), decision)
            && await recorder.WriteQuestionsAsync(call, decision, session.RecordId, session.Backend, InputQuestions.Of(message));
        if (decision.IsAllowed && isWritten)
        {
            if (isRequest && session.Questions.Count < ProxySession.MostQuestions)
                session.Questions[RpcIds.Key(message.Span(message.Id))] = message.Method;
            else if (message is { Method: Methods.Cancelled, CancelledId.IsEmpty: false })
                session.Questions.TryRemove(RpcIds.Key(message.Span(message.CancelledId)), out _); // it no longer waits
            await agent.WriteAsync(policies.IsEnforcing ? Wire.Of(line, Wire.Edits(decision)) : line.Bytes);
        }
        else if (isRequest)
        {
            server.Post(isFull
                ? RpcReply.Error(message.Span(message.Id), TooMany, decision.Detail)
                : DenialResponse.InPlace(message.Span(message.Id), isWritten ? decision : Failure.Of(DenyReason.AuditUnavailable, "")));
        }
    }

    // What is no message is judged by nobody: it passes only while observing. Whoever waits for it is told.
    private async ValueTask RefuseAsync(string why, ReadOnlyMemory<byte> id, ProxyPolicies policies, ReadOnlyMemory<byte> raw)
    {
        var context = Context(policies, null, why, time.GetTimestamp());
        var decision = responses.Evaluate(context);
        if (!id.IsEmpty && session.TryAnswer(id.Span, out var call))
        {
            using var request = call.Decision;
            await recorder.WriteAsync(call.Entry, recorder.Outcome(call.Entry, decision, request, Held.Nothing), decision);
            if (policies.IsEnforcing)
                await agent.WriteLineAsync(RpcReply.Error(call.Id, InvalidRequest, $"{DenialResponse.Short(decision)}, {why}"));
        }
        else
        {
            await recorder.WriteAsync(recorder.Entry(context, decision, session.RecordId) with { Direction = "server" }, decision);
        }
        if (!policies.IsEnforcing)
            await agent.WriteAsync(raw);
    }

    private static Decision TooManyAtOnce(DenyReason reason, ProxyPolicies policies) => Failure.Of(reason, InputQuestions.TooMany, isObserved: !policies.IsEnforcing);

    private CallContext Context(ProxyPolicies policies, RpcMessage? message, string? malformed, long timestamp) => new()
    {
        Policies = policies.Calls,
        Principal = session.Principal,
        Policy = policies.Calls.PolicyOf(session.Principal),
        Method = message?.Method ?? "",
        IsUnknownMethod = policies.Calls.Config.DenyUnknownMethods && !Methods.IsKnown(message?.Method ?? ""),
        IsRequest = message is { Kind: RpcKind.Request } || (message is not null && InputQuestions.Asks(message)), // its own questions are scanned also with scan_responses: false
        Target = Target.None with { Backend = session.Backend },
        Malformed = malformed,
        Content = message?.Bytes ?? default,
        Place = Place.Result,
        Timestamp = timestamp,
    };

    private long Micros(long since) => (long)time.GetElapsedTime(since).TotalMicroseconds;
}
