using Oktsec.Core.Audit;
using Oktsec.Core.Pipeline;
using Oktsec.Mcp.Backends;
using Oktsec.Mcp.Envelope;
using Oktsec.Mcp.Http;

namespace Oktsec.Gateway.Stateless;

/// <summary>
/// Carries a call of an agent that knows no sessions: like <see cref="Relay"/>, but what a backend asks meanwhile goes back as the result of the
/// request, and the answers come with the next (MCP 2026-07-28, Multi Round-Trip Requests).
/// </summary>
internal sealed class StatelessRelay
{
    private const int TooMany = -32000;

    private readonly Relay _relay;
    private readonly Recorder _recorder;
    private readonly RequestStates _states;
    private readonly ParkedCalls _parked;
    private readonly TimeProvider _time;

    public StatelessRelay(Relay relay, Recorder recorder, RequestStates states, TimeProvider time)
    {
        (_relay, _recorder, _states, _time) = (relay, recorder, states, time);
        _parked = new ParkedCalls(time, Abandon);
    }

    /// <summary>Sends a call to its backend, and answers the request with what comes first: a question, or the answer.</summary>
    /// <param name="more">A further change to the request.</param>
    /// <param name="rounds">How often the agent was asked already, for what is the same request to it.</param>
    public async Task ForwardAsync(Exchange x, BackendSlot slot, ByteRange nameRange, string? ownName, Edit? more = null, int rounds = 0)
    {
        var entry = await RecordAsync(x);
        if (entry is null)
            return;
        var token = x.Message.ProgressToken.IsEmpty ? default : (ReadOnlyMemory<byte>)slot.Progress.NewToken(); // two clients of one principal may use the same
        var call = new StatelessCall(x.Session, slot, x.Message, x.Reply, x.Session.NextSequence(), Send(x, nameRange, ownName, token, more)) { OwnToken = token, Rounds = rounds };
        x.Session.Calls[KeyOf(call)] = call;
        if (!token.IsEmpty)
            slot.Progress.Add(token.Span, call);
        await LogLevels.EnsureAsync(x.Session, slot, call.LogLevel);
        // What a backend asked before there was anybody to ask comes first: it may need it for this very call.
        foreach (var question in call.MayInterrupt ? x.Session.Waiting.Take(slot) : [])
            call.TryAsk(question);
        await RunAsync(x, call, entry);
    }

    /// <summary>Goes on with a call that waited for what this request brings.</summary>
    public async Task ResumeAsync(Exchange x, byte[] note)
    {
        var id = note[1..]; // after the round
        var call = _parked.Find(id, x.Call.Principal);
        if (call is null || call.Session != x.Session)
        {
            await RejectAsync(x, "requestState has been used, or what it stood for has ended; send the request again without it");
            return;
        }
        var answers = InputAnswers.Read(x.Message, x.Decision, call.Questions());
        if (answers is null)
        {
            await RejectAsync(x, "params.inputResponses must be an object with an object for each input request");
            return;
        }
        if (!_parked.TryTake(id))
        {
            await RejectAsync(x, "requestState has been used; send the request again without it");
            return;
        }
        if (await RecordAsync(x) is not { } entry)
        {
            Abandon(call);
            return;
        }
        call.Resume(x.Message, x.Reply, [.. answers.Select(a => a.Question)]);
        await LogLevels.EnsureAsync(x.Session, call.Slot, call.LogLevel);
        foreach (var (question, answer) in answers)
        {
            var record = _recorder.Entry(x.Call, x.Decision, x.Session) with { Method = question.Method, Target = "", Backend = call.Slot.Name };
            if (!await _recorder.WriteAsync(record, x.Decision))
                await AgentAnswers.SendAsync(question.Slot, DenialResponse.ToServer(question.Id.Span, Failure.Of(DenyReason.AuditUnavailable, "")));
            else
                await AgentAnswers.SendAsync(question.Slot, RpcReply.Result(question.Id.Span, answer.Span));
        }
        await RunAsync(x, call, entry);
    }

    /// <summary>What a request's <c>requestState</c> stands for; null when it is none of ours, not for this request, or too old.</summary>
    public (StateKind Kind, byte[] Content)? StateOf(Exchange x) =>
        JsonText.TryDecode(x.Message.Span(x.Message.RequestState)) is { } text ? _states.Read(text, RequestStates.Binding(x.Call.Principal, x.Message)) : null;

    /// <summary>A request that would have brought answers was denied for what it is: the call that waits for them ends.</summary>
    public void OnDenied(Exchange x)
    {
        if (x.Decision.Reason is DenyReason.RateLimited or DenyReason.ConcurrencyExceeded or DenyReason.CheckFailed || x.Message.RequestState.IsEmpty)
            return;
        if (StateOf(x) is { Kind: StateKind.Parked } state && _parked.Find(state.Content.AsSpan(1), x.Call.Principal) is { } call && _parked.TryTake(state.Content.AsSpan(1)))
            _ = AbandonAsync(call, DenialResponse.ToServer);
    }

    /// <summary>Records and answers a request that names a state it may not.</summary>
    public async Task RejectAsync(Exchange x, string detail)
    {
        var failure = Failure.Of(DenyReason.MessageMalformed, detail);
        await _recorder.WriteAsync(_recorder.Entry(x.Call, failure, x.Session) with { PipelineMicroseconds = _relay.Micros(x.Started) }, failure);
        await x.Reply.FinishAsync(RpcReply.Error(x.Message.Span(x.Message.Id), RequestRefusal.InvalidParams, detail));
    }

    private async ValueTask<AuditEntry?> RecordAsync(Exchange x)
    {
        var entry = x.Entry with { AwaitsOutcome = true, PipelineMicroseconds = _relay.Micros(x.Started) };
        if (await _recorder.WriteAsync(entry, x.Decision))
            return entry;
        await Relay.DenyAsync(x, Failure.Of(DenyReason.AuditUnavailable, "the call could not be recorded and was not forwarded"), entry.Id);
        return null;
    }

    private static Func<StatelessCall, Task<RpcMessage>> Send(Exchange x, ByteRange nameRange, string? ownName, ReadOnlyMemory<byte> token, Edit? more) =>
        call => call.Slot.RequestAsync(Outgoing.Of(x.Message, nameRange, ownName, token, x.Decision, call, more), call.Cancelled);

    private async Task RunAsync(Exchange x, StatelessCall call, AuditEntry entry)
    {
        var isTold = false;
        try
        {
            await UntilToldAsync(x, call, entry);
            isTold = true;
        }
        finally
        {
            if (!isTold)
                Abandon(call); // a fault, which the door answers; nothing may wait for it
        }
    }

    private async Task UntilToldAsync(Exchange x, StatelessCall call, AuditEntry entry)
    {
        var sent = _time.GetTimestamp();
        // Closing the response is the cancel (Cancellation, "Transport-Specific Cancellation"); once it has its end, closing it is nothing.
        await using var left = x.Reply.Left.UnsafeRegister(static c => ((StatelessCall)c!).OnLeft(), call);
        while (true)
        {
            if (call.Response is null && !call.HasQuestions)
                call.Send();
            var isAnswered = await IsAnsweredAsync(call);
            // What came with it comes before it, and what else is asked at once is asked at once.
            if (!isAnswered)
                await x.Session.DrainedAsync();
            if (call.MissingCapability is { } capability)
            {
                await LackAsync(x, call, entry, capability, sent);
                return;
            }
            if (isAnswered)
                break;
            if (await ParkAsync(x, call, entry, sent))
                return;
        }
        RpcMessage? response = null;
        Decision? failure = null;
        try
        {
            response = await call.Response!;
        }
        catch (Exception e) when (Failure.OfBackend(e, call.Slot) is { } reason)
        {
            failure = reason;
        }
        finally
        {
            // Before the call is forgotten, else the last progress before the answer finds no call to belong to.
            await x.Session.DrainedAsync();
            End(call);
        }
        var received = _time.GetTimestamp();
        var (pipeline, backend) = (Micros(x.Started, sent), Micros(sent, received));
        if (failure is not null)
            await _relay.EndAsync(x, entry, failure, pipeline, backend);
        else
            await _relay.DeliverAsync(x, call.Slot, entry, response!, pipeline, backend, received);
    }

    private static async Task<bool> IsAnsweredAsync(StatelessCall call) =>
        call.Response is { } response ? await Task.WhenAny(response, call.Asked) == response || response.IsCompleted : false;

    // True when the request is answered and the call waits for the next.
    private async ValueTask<bool> ParkAsync(Exchange x, StatelessCall call, AuditEntry entry, long sent)
    {
        var isOnceMore = call.Rounds < StatelessCall.MostRounds;
        var questions = call.Park();
        if (questions.Length == 0)
            return false; // taken back meanwhile
        if (!isOnceMore || _parked.TryAdd(call) is not { } id)
        {
            call.Resume(x.Message, x.Reply, questions);
            foreach (var question in questions)
                await AgentAnswers.SendAsync(question.Slot, RpcReply.Error(question.Id.Span, TooMany, "too many calls are waiting for the agent"));
            return false;
        }
        x.Message.Keep(); // what was sent of it may be sent once more
        call.Response?.ContinueWith(static t => _ = t.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        var outcome = _recorder.Outcome(entry, x.Decision, x.Decision, Held.Nothing) with
        {
            Findings = [],
            Detail = $"input_required, round {call.Rounds}",
            PipelineMicroseconds = Micros(x.Started, sent),
            BackendMicroseconds = Micros(sent, _time.GetTimestamp()),
        };
        if (!await _recorder.WriteAsync(entry, outcome, x.Decision))
        {
            if (_parked.TryTake(id))
                Abandon(call);
            await Relay.DenyAsync(x, Failure.Of(DenyReason.AuditUnavailable, "the question could not be recorded"), entry.Id);
            return true;
        }
        var state = _states.Write(StateKind.Parked, [(byte)call.Rounds, .. id], RequestStates.Binding(x.Call.Principal, x.Message));
        await x.Reply.FinishAsync(RpcReply.Result(x.Message.Span(x.Message.Id), InputRequired.Of(questions, state)));
        return true;
    }

    // Overview, "_meta": MissingRequiredClientCapability.
    private async Task LackAsync(Exchange x, StatelessCall call, AuditEntry entry, string capability, long sent)
    {
        Abandon(call);
        var outcome = _recorder.Outcome(entry, x.Decision, x.Decision, Held.Nothing) with
        {
            Findings = [],
            Detail = $"the backend needs what the agent did not declare: {capability}",
            BackendMicroseconds = Micros(sent, _time.GetTimestamp()),
        };
        await _recorder.WriteAsync(entry, outcome, x.Decision);
        await x.Reply.FinishAsync(InputRequired.Lacking(x.Message.Span(x.Message.Id), capability), Microsoft.AspNetCore.Http.StatusCodes.Status400BadRequest);
    }

    private void Abandon(StatelessCall call) => _ = AbandonAsync(call, static (id, _) => RpcReply.Error(id, TooMany, "the agent gave no answer"));

    private static async Task AbandonAsync(StatelessCall call, Func<ReadOnlySpan<byte>, Decision, byte[]> answer)
    {
        var left = End(call);
        call.Cancel(); // first: told that nobody answers, a backend may answer the call, and then there would be nothing to cancel
        foreach (var question in left)
            await AgentAnswers.SendAsync(question.Slot, answer(question.Id.Span, s_denied));
    }

    private static readonly Decision s_denied = Failure.Of(DenyReason.ContentBlocked, "");

    private static Question[] End(StatelessCall call)
    {
        call.Session.Calls.TryRemove(KeyOf(call), out _);
        if (!call.OwnToken.IsEmpty)
            call.Slot.Progress.Remove(call.OwnToken.Span);
        return call.End();
    }

    // No id of an agent: two clients of one principal may use the same.
    private static string KeyOf(StatelessCall call) => $"#{call.Sequence}";

    private long Micros(long from, long to) => (long)_time.GetElapsedTime(from, to).TotalMicroseconds;
}
