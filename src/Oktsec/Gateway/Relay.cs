using Microsoft.AspNetCore.Http;
using Oktsec.Core.Audit;
using Oktsec.Core.Pipeline;
using Oktsec.Gateway.Stateless;
using Oktsec.Mcp.Backends;
using Oktsec.Mcp.Envelope;
using Oktsec.Scanning;

namespace Oktsec.Gateway;

/// <summary>Carries an allowed request to its backend and the judged answer back: record, forward, judge, record, deliver.</summary>
internal sealed class Relay(SecurityPipeline responses, Recorder recorder, StatelessResult stateless, Standing standing, TimeProvider time)
{
    /// <summary>Forwards one request to one backend.</summary>
    /// <remarks>
    /// 1. the record is committed; 2. the request goes out; 3. what the backend said before the answer is delivered first;
    /// 4. the answer is judged; 5. the outcome is committed; 6. the answer, redacted or replaced, is delivered.
    /// </remarks>
    public async Task ForwardAsync(Exchange x, BackendSlot slot, ByteRange nameRange, string? ownName)
    {
        // 1
        var entry = x.Entry with { AwaitsOutcome = true, PipelineMicroseconds = Micros(x.Started) };
        if (!await recorder.WriteAsync(entry, x.Decision))
        {
            await DenyAsync(x, Failure.Of(DenyReason.AuditUnavailable, "the call could not be recorded and was not forwarded"), entry.Id);
            return;
        }
        var call = new InFlightCall(x.Session, slot, x.Message, x.Reply, x.Session.NextSequence());
        var key = RpcIds.Key(x.Message.Span(x.Message.Id));
        if (!x.Session.Calls.TryAdd(key, call))
        {
            await EndAsync(x, entry, Failure.Of(DenyReason.MessageMalformed, "a request with this id is under way"), 0, 0);
            return;
        }
        var token = ReadOnlyMemory<byte>.Empty;
        RpcMessage? response = null;
        Decision? failure = null;
        var sent = 0L;
        var received = 0L;
        try
        {
            if (!x.Message.ProgressToken.IsEmpty)
            {
                token = slot.Config.Shared ? slot.Progress.NewToken() : x.Message.Memory(x.Message.ProgressToken);
                slot.Progress.Add(token.Span, call);
            }
            var request = Outgoing.Of(x.Message, nameRange, ownName, slot.Config.Shared ? token : default, x.Decision, call);
            // 2
            sent = time.GetTimestamp();
            response = await slot.RequestAsync(request, call.Cancelled);
        }
        catch (Exception e) when (Failure.OfBackend(e, slot) is { } reason)
        {
            failure = reason;
        }
        finally
        {
            received = time.GetTimestamp();
            // 3: before the call is forgotten, else the last progress before the answer finds no call to belong to.
            await x.Session.DrainedAsync();
            x.Session.Calls.TryRemove(key, out _);
            if (!token.IsEmpty)
                slot.Progress.Remove(token.Span);
        }
        var pipeline = Micros(x.Started, sent);
        var backend = Micros(sent, received);
        if (failure is not null)
            await EndAsync(x, entry, failure, pipeline, backend);
        else
            await DeliverAsync(x, slot, entry, response!, pipeline, backend, received);
    }

    /// <summary>Records a request that the gateway answers itself, and answers it.</summary>
    public async Task AnswerAsync(Exchange x, byte[] answer, int status = StatusCodes.Status200OK)
    {
        if (await recorder.WriteAsync(x.Entry with { PipelineMicroseconds = Micros(x.Started) }, x.Decision))
            await x.Reply.FinishAsync(answer, status);
        else
            await DenyAsync(x, Failure.Of(DenyReason.AuditUnavailable, "the request could not be recorded"), x.Entry.Id);
    }

    /// <summary>Steps 4 to 6 for the answer to a request.</summary>
    public async Task DeliverAsync(Exchange x, BackendSlot slot, AuditEntry entry, RpcMessage response, long pipeline, long backend, long received)
    {
        using (response)
        {
            // 4
            var members = x.Session.IsStateless ? StatelessResult.MembersOf(response) : default;
            var asks = members.IsInputRequired || !members.InputRequests.IsEmpty;
            var questions = asks ? InputQuestions.Of(response) : [];
            if (questions.Count > InputQuestions.Most)
            {
                await EndAsync(x, entry, Failure.OfAnswer(slot, InputQuestions.TooMany), pipeline + Micros(received), backend);
                return;
            }
            var call = new CallContext
            {
                Policies = x.Call.Policies,
                Principal = x.Call.Principal,
                Policy = standing.Policy(x.Call.Principal, x.Call.Policy),
                Unproven = standing.Unproven(x.Call.Principal),
                Method = x.Call.Method,
                IsRequest = asks, // what asks the user or the model is scanned also with scan_responses: false
                Target = x.Call.Target,
                Content = response.Bytes,
                Place = Place.Result,
                Hints = x.Call.Hints,
                Timestamp = received,
            };
            using var decision = responses.Evaluate(call);
            var held = await recorder.HoldAsync(entry, call, decision, "result", response.Bytes);
            // 5
            var outcome = recorder.Outcome(entry, decision, x.Decision, held) with
            {
                PipelineMicroseconds = pipeline + Micros(received),
                BackendMicroseconds = backend,
            };
            if (!await recorder.WriteAsync(entry, outcome, decision) || !await recorder.WriteQuestionsAsync(x.Call, decision, x.Session.RecordId, slot.Name, questions))
            {
                await DenyAsync(x, Failure.Of(DenyReason.AuditUnavailable, "the outcome could not be recorded; the result is withheld"), entry.Id);
                return;
            }
            // 6
            if (!decision.IsAllowed)
            {
                await x.Reply.FinishAsync(DenialResponse.ToAgent(x.Message, x.Call.Target, decision, held, entry.Id));
                return;
            }
            var edits = Outgoing.Edits(decision);
            TaskIds.Expose(edits, x.Session, response, TaskIds.InResponse(x.Message, response), slot.Name, x.Call.Target);
            var status = x.Session.IsStateless ? stateless.Complete(edits, x, response, members, decision) : StatusCodes.Status200OK;
            Outgoing.Put(edits, response.Id, x.Message.Memory(x.Message.Id));
            await x.Reply.FinishAsync(response.Bytes, edits, status);
        }
    }

    /// <summary>Answers a denied request; the record is written already.</summary>
    public static async Task DenyAsync(Exchange x, Decision decision, string recordId) =>
        await x.Reply.FinishAsync(DenialResponse.ToAgent(x.Message, x.Call.Target, decision, Held.Nothing, recordId));

    /// <summary>Steps 5 and 6 when there is no answer.</summary>
    public async Task EndAsync(Exchange x, AuditEntry entry, Decision failure, long pipeline, long backend)
    {
        // Whoever ends its session did not take this call back, and waits for an answer as before.
        if (failure.Detail == Failure.Cancelled && x.Session.Closing.IsCancellationRequested)
            failure = Failure.Of(DenyReason.OutcomeUnknown, "the session was ended during the call; it may or may not have been carried out");
        var outcome = recorder.Outcome(entry, failure, x.Decision, Held.Nothing) with { PipelineMicroseconds = pipeline, BackendMicroseconds = backend };
        await recorder.WriteAsync(entry, outcome, failure);
        if (failure.Detail == Failure.Cancelled)
            await x.Reply.FinishEmptyAsync();
        else
            await DenyAsync(x, failure, entry.Id);
    }

    /// <summary>Records and answers a request that only reads and for which there is no answer.</summary>
    public async Task UnavailableAsync(Exchange x, Exception e)
    {
        var failure = Failure.Of(DenyReason.BackendUnavailable, e is OperationCanceledException ? "the session was ended during the request" : e.Message, 1);
        await recorder.WriteAsync(recorder.Entry(x.Call, failure, x.Session), failure);
        await DenyAsync(x, failure, x.Entry.Id);
    }

    /// <summary>Whether a request that only reads gets no answer: its backend is down, or its session was ended meanwhile.</summary>
    public static bool IsUnavailable(Exception e, Exchange x) =>
        e is BackendUnavailableException or TimeoutException || (e is OperationCanceledException && x.Session.Closing.IsCancellationRequested);

    public long Micros(long since) => Micros(since, time.GetTimestamp());

    private long Micros(long from, long to) => (long)time.GetElapsedTime(from, to).TotalMicroseconds;
}
