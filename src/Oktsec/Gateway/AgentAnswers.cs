using Oktsec.Core.Pipeline;
using Oktsec.Mcp.Backends;
using Oktsec.Mcp.Envelope;

namespace Oktsec.Gateway;

/// <summary>What an agent sends that expects no answer: notifications, and answers to requests of servers.</summary>
internal sealed class AgentAnswers(Recorder recorder, Relay relay)
{
    /// <summary>1,000 tasks of an agent for its servers in one session; a later one is a task that no server may ask for.</summary>
    private const int MostTasks = 1000;

    public async Task NotificationAsync(Exchange x)
    {
        if (await RecordedAsync(x))
        {
            switch (x.Message.Method)
            {
                case Methods.Initialized:
                    break; // each connection has been told already
                case Methods.Cancelled:
                    if (x.Session.Calls.TryGetValue(RpcIds.Key(x.Message.Span(x.Message.CancelledId)), out var call))
                        call.Cancel();
                    break;
                case Methods.Progress:
                    if (x.Session.ServerRequests.ByProgress(x.Message.Span(x.Message.ProgressToken)) is { } asking)
                        await SendAsync(asking, Edited(x));
                    break;
                case Methods.TaskStatus:
                    // Its task belongs to the one backend it was created for.
                    if (TaskIds.Text(x.Message, TaskIds.InParams(x.Message)) is { } id && x.Session.Tasks.OfAgent.TryGetValue(id, out var owner))
                        await SendAsync(owner, Edited(x));
                    break;
                default:
                    // roots/list_changed and what we do not know: to the session's own connections, never to shared ones.
                    var message = Edited(x);
                    await Task.WhenAll(x.Session.Slots.Where(slot => !slot.Config.Shared).Select(slot => TellAsync(slot, message)));
                    break;
            }
        }
        await x.Reply.FinishEmptyAsync();
    }

    public async Task AnswerAsync(Exchange x, ServerRequest? asked)
    {
        if (asked is null)
        {
            var failure = Failure.Of(DenyReason.MessageMalformed, "no server waits for an answer with this id");
            await recorder.WriteAsync(recorder.Entry(x.Call, failure, x.Session), failure);
        }
        else if (await RecordedAsync(x))
        {
            var edits = Outgoing.Edits(x.Decision);
            TaskIds.Restore(edits, x.Session, x.Message, TaskIds.InAnswer(x.Message), asked.Slot.Name);
            Outgoing.Put(edits, x.Message.Id, asked.Id);
            if (TaskIds.Text(x.Message, TaskIds.Created(x.Message)) is { } created && x.Session.Tasks.OfAgent.Count < MostTasks)
                x.Session.Tasks.OfAgent.TryAdd(created, asked.Slot);
            await SendAsync(asked.Slot, Splice.ToArray(x.Message.Bytes.Span, edits.ToArray()));
        }
        else
        {
            await SendAsync(asked.Slot, DenialResponse.ToServer(asked.Id.Span, Failure.Of(DenyReason.AuditUnavailable, "")));
        }
        await x.Reply.FinishEmptyAsync();
    }

    /// <summary>Sends to a backend that is there; to one that is not there is nothing to say.</summary>
    public static async Task SendAsync(BackendSlot slot, ReadOnlyMemory<byte> message, CancellationToken cancel = default)
    {
        try
        {
            if (slot.Current is { } backend)
                await backend.SendAsync(message, cancel);
        }
        catch (BackendUnavailableException)
        {
            // It left meanwhile.
        }
    }

    // One that does not take it keeps neither the agent nor the others waiting.
    private static async Task TellAsync(BackendSlot slot, ReadOnlyMemory<byte> message)
    {
        using var limit = slot.Health.TellLimit();
        try
        {
            await SendAsync(slot, message, limit.Token);
        }
        catch (OperationCanceledException)
        {
            // Notifications may be lost (MCP, Base Protocol): nobody waits for an answer.
        }
    }

    private static ReadOnlyMemory<byte> Edited(Exchange x) =>
        x.Decision.Edits.Count == 0 ? x.Message.Bytes : Splice.ToArray(x.Message.Bytes.Span, Outgoing.Edits(x.Decision).ToArray());

    private ValueTask<bool> RecordedAsync(Exchange x) => recorder.WriteAsync(x.Entry with { PipelineMicroseconds = relay.Micros(x.Started) }, x.Decision);
}
