using Oktsec.Core.Audit;
using Oktsec.Core.Pipeline;
using Oktsec.Gateway;
using Oktsec.Mcp.Envelope;
using Oktsec.Scanning;

namespace Oktsec.StdioProxy;

/// <summary>What the agent says: judged, recorded, and passed on to the server or answered here.</summary>
internal sealed class FromAgent(SecurityPipeline requests, Recorder recorder, ProxySession session, ByteSink agent, ByteSink server, TimeProvider time) : IDirection
{
    private const int InvalidRequest = -32600;
    private readonly LongLine _long = new();

    public ByteSink Out => server;

    public int MaxLine { get; } = session.Policies.Calls.Config.Limits.MaxBodyBytes;

    /// <summary>Handles one line.</summary>
    /// <remarks>1. what it is; 2. may it; 3. the record is committed; 4. it goes out. A denial skips to its answer.</remarks>
    public async ValueTask HandleAsync(RawLine line, ProxyPolicies policies)
    {
        var started = time.GetTimestamp();
        // 1
        var limits = policies.Calls.Config.Limits;
        EnvelopeReader.TryRead(line.Body, new EnvelopeLimits(limits.MaxBodyBytes, limits.MaxDepth), out var message, out var error);
        var isAnswer = message is { Kind: RpcKind.Response or RpcKind.ErrorResponse };
        var key = message is null || message.Id.IsEmpty ? "" : RpcIds.Key(message.Span(message.Id));
        var asked = isAnswer && session.Questions.TryRemove(key, out var question) ? question : null;
        var isRequest = message is { Kind: RpcKind.Request };
        var isRepeated = isRequest && session.Calls.ContainsKey(key);
        var target = isRequest ? session.TargetOf(message!) : Target.None;
        // 2
        var call = new CallContext
        {
            Policies = policies.Calls,
            Principal = session.Principal,
            Policy = policies.Calls.PolicyOf(session.Principal),
            Method = asked ?? message?.Method ?? "",
            IsUnknownMethod = policies.Calls.Config.DenyUnknownMethods && !Methods.IsKnown(message?.Method ?? ""),
            IsRequest = isRequest,
            Target = target.Kind == TargetKind.None ? target with { Backend = session.Backend } : target,
            Malformed = error?.Detail ?? Misuse.Of(message)
                ?? (isAnswer && asked is null ? "no server waits for an answer with this id" : isRepeated ? "a request with this id is under way" : null),
            Content = message?.Bytes ?? default,
            Place = Place.Arguments,
            Hints = session.OfferOf(target)?.Hints ?? ScanHints.None,
            Timestamp = started,
        };
        var decision = requests.Evaluate(call);
        var isOpened = isRequest && !isRepeated && session.Calls.Count < ProxySession.MostCalls;
        var entry = recorder.Entry(call, decision, session.RecordId) with
        {
            AwaitsOutcome = isOpened && decision.IsAllowed,
            ArgumentsHash = message is null ? "" : recorder.HashArguments(message.Memory(message.Arguments)),
            PipelineMicroseconds = Micros(started),
        };
        if (!decision.IsAllowed)
        {
            await DenyAsync(message, error, asked, call, decision, entry);
            return;
        }
        if (isRequest && !isOpened && policies.IsEnforcing)
        {
            decision.Dispose();
            var full = Failure.Of(DenyReason.ConcurrencyExceeded, "too many requests wait for the server's answer");
            await DenyAsync(message, error, asked, call, full, recorder.Entry(call, full, session.RecordId));
            return;
        }
        // 3
        if (!await recorder.WriteAsync(entry, decision))
        {
            decision.Dispose();
            await AnswerAsync(message, error, asked, call, Failure.Of(DenyReason.AuditUnavailable, ""));
            return;
        }
        if (isOpened)
            session.Calls[key] = new OpenCall(call.Method, call.Target, call.Hints, entry, decision, message!.Span(message.Id).ToArray(), time.GetTimestamp());
        else
            decision.Dispose();
        if (message is { Kind: RpcKind.Notification, Method: Methods.Cancelled, CancelledId.IsEmpty: false })
            await CancelAsync(RpcIds.Key(message.Span(message.CancelledId)));
        // 4
        await server.WriteAsync(policies.IsEnforcing ? Wire.Of(line, Wire.Edits(decision)) : line.Bytes);
    }

    /// <summary>A piece of a line that is over the cap: passed on while only observing, else left out and answered at its end.</summary>
    public async ValueTask HandleLongAsync(RawLine piece, ProxyPolicies policies)
    {
        _long.Add(piece.Body.Span);
        if (piece.Kind == RawKind.LongEnd)
        {
            var call = Refused($"the message is larger than {MaxLine} bytes (limits.max_body_bytes)", policies);
            using var decision = requests.Evaluate(call);
            await recorder.WriteAsync(recorder.Entry(call, decision, session.RecordId), decision);
            var id = _long.TakeId();
            if (policies.IsEnforcing)
                await agent.WriteLineAsync(RpcReply.Error(id, InvalidRequest, call.Malformed!));
        }
        if (!policies.IsEnforcing)
            await server.WriteAsync(piece.Bytes);
    }

    /// <summary>A line that could not be judged: answered, if it can be.</summary>
    public ValueTask FailAsync(RawLine line)
    {
        var id = EnvelopeReader.TryRead(line.Body, EnvelopeLimits.FromAgents, out var message, out _) ? message.Span(message.Id).ToArray() : [];
        return Ignore(agent.WriteLineAsync(RpcReply.Error(id, -32603, "internal error")));
    }

    private async ValueTask DenyAsync(RpcMessage? message, EnvelopeError? error, string? asked, CallContext call, Decision decision, AuditEntry entry)
    {
        var held = message is null ? Held.Nothing : await recorder.HoldAsync(entry, call, decision, "request", message.Bytes);
        await recorder.WriteAsync(held.Mark(entry), decision);
        await AnswerAsync(message, error, asked, call, decision);
    }

    private async ValueTask AnswerAsync(RpcMessage? message, EnvelopeError? error, string? asked, CallContext call, Decision decision)
    {
        if (error is not null)
            await agent.WriteLineAsync(RpcReply.Error(error));
        else if (asked is not null)
            await server.WriteLineAsync(DenialResponse.InPlace(message!.Span(message.Id), decision)); // the server waits for an answer
        else if (message!.Kind is RpcKind.Response or RpcKind.ErrorResponse)
            return; // an answer that nobody waits for is dropped
        else if (decision.Reason == DenyReason.MessageMalformed)
            await agent.WriteLineAsync(RpcReply.Error(message.Span(message.Id), InvalidRequest, call.Malformed ?? decision.Detail));
        else if (message.Kind == RpcKind.Request)
            await agent.WriteLineAsync(DenialResponse.InPlace(message.Span(message.Id), decision));
        // A denied notification is dropped.
    }

    // The server need not answer what was cancelled, and the agent need not listen: the call ends here.
    private async ValueTask CancelAsync(string key)
    {
        if (session.Calls.TryRemove(key, out var call))
            await ProxySession.EndAsync(call, "cancelled by the agent", recorder);
    }

    private CallContext Refused(string why, ProxyPolicies policies) => new()
    {
        Policies = policies.Calls,
        Principal = session.Principal,
        Policy = policies.Calls.PolicyOf(session.Principal),
        Method = "",
        IsRequest = false,
        Target = Target.None with { Backend = session.Backend },
        Malformed = why,
        Timestamp = time.GetTimestamp(),
    };

    private static async ValueTask Ignore(ValueTask<bool> write) => await write;

    private long Micros(long since) => (long)time.GetElapsedTime(since).TotalMicroseconds;
}
