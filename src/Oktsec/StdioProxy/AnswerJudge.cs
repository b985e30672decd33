using Oktsec.Core.Pipeline;
using Oktsec.Core.Policy;
using Oktsec.Gateway;
using Oktsec.Mcp.Envelope;
using Oktsec.Scanning;

namespace Oktsec.StdioProxy;

/// <summary>What became of an answer.</summary>
/// <param name="Call">What the pipeline was asked.</param>
/// <param name="Decision">What it said.</param>
/// <param name="Edits">What changes in the message, sorted and disjoint.</param>
internal sealed record JudgedAnswer(CallContext Call, Decision Decision, IReadOnlyList<Edit> Edits);

/// <summary>Judges the server's answers: results as results, what is listed as definitions, item by item, and instructions as a definition too.</summary>
internal sealed class AnswerJudge(SecurityPipeline responses, SecurityPipeline definitions, Offers offers, Recorder recorder, ProxySession session)
{
    /// <param name="message">The answer.</param>
    /// <param name="call">What it answers.</param>
    /// <param name="policies">What it is judged by.</param>
    /// <param name="received">When it came.</param>
    /// <param name="asks">Whether it asks the user or the model something: that is scanned also with scan_responses: false.</param>
    public async ValueTask<JudgedAnswer> JudgeAsync(RpcMessage message, OpenCall call, PolicySnapshot policies, long received, bool asks)
    {
        if (ListKind.OfMethod(call.Method) is { } kind && ListReply.PlaceOf(message, kind) is { IsEmpty: false } place)
            return await ListAsync(message, call, kind, place, policies, received);
        // Every result of MCP is an object. Null or nothing for a call looks like success and is none (Intake refuses the same of a backend).
        var isNothing = message.Kind == RpcKind.Response && message.Span(message.Result)[0] != '{' && Methods.IsKnown(call.Method);
        if (call.Method is Methods.Initialize or Methods.Discover && message.Kind == RpcKind.Response && !isNothing)
            return await InitializeAsync(message, call, policies, received);
        var context = Context(call, policies, message.Bytes, Place.Result, received, asks);
        var decision = responses.Evaluate(context);
        if (isNothing && decision.Reason == DenyReason.None)
            decision = Failure.Of(DenyReason.OutcomeUnknown, "its result is not an object", isObserved: policies.IsObserving);
        return new JudgedAnswer(context, decision, Wire.Edits(decision));
    }

    // What surrounds the items (cursor, _meta) is content too; the items are judged one by one, and one bad one does not hide the others.
    private async ValueTask<JudgedAnswer> ListAsync(RpcMessage message, OpenCall call, ListKind kind, ByteRange place, PolicySnapshot policies, long received)
    {
        var page = ListResult.Read(message.Memory(message.Result), kind.Member, kind.Key, out var skipped);
        var viewer = new Viewer(session.Principal, session.RecordId);
        var policy = policies.PolicyOf(session.Principal);
        var isChanged = skipped > 0; // what has no name was not judged
        var visible = new List<ReadOnlyMemory<byte>>(page.Items.Count);
        foreach (var item in page.Items)
        {
            var offer = await offers.JudgeAsync(kind, session.Named(kind, item.Key), item, viewer, policies, []);
            session.Offers[(kind, item.Key)] = offer;
            var isVisible = ListReply.IsVisible(offer, policy, policies);
            isChanged |= !isVisible || !offer.Definition.Span.SequenceEqual(item.Bytes.Span);
            if (isVisible)
                visible.Add(offer.Definition);
        }
        var context = Context(call, policies, ListReply.WithoutItems(message, place), Place.Result, received);
        var decision = responses.Evaluate(context);
        return new JudgedAnswer(context, decision.Edits.Count > 0 ? Whole(decision) : decision, isChanged && !policies.IsObserving ? [new Edit(place, ListReply.Items(visible))] : []);
    }

    // Instructions, names and titles reach the model before any call. Poisoned instructions are left out, the server stays.
    private async ValueTask<JudgedAnswer> InitializeAsync(RpcMessage message, OpenCall call, PolicySnapshot policies, long received)
    {
        var around = Splice.ToArray(message.Bytes.Span, [new Edit(message.Result, "{}"u8.ToArray())]);
        var shell = Context(call, policies, around, Place.Result, received);
        var shellDecision = responses.Evaluate(shell);
        if (!shellDecision.IsAllowed || shellDecision.Edits.Count > 0)
            return new JudgedAnswer(shell, Whole(shellDecision), []);
        var context = Context(call, policies, message.Memory(message.Result), Place.Definition, received);
        var decision = definitions.Evaluate(context);
        if (decision.IsAllowed)
            return new JudgedAnswer(context, decision, [.. Wire.Edits(decision).Select(e => e with { Range = Within(message, e.Range) })]);
        await recorder.WriteAsync(recorder.Entry(context, decision, session.RecordId) with { Direction = "server" }, decision);
        var instructions = JsonMembers.Find(message.Span(message.Result), "instructions"u8);
        if (instructions.IsEmpty)
            return new JudgedAnswer(context, decision, []);
        var nothing = "\"\""u8.ToArray();
        context = Context(call, policies, Splice.ToArray(message.Span(message.Result), [new Edit(instructions, nothing)]), Place.Definition, received);
        decision = definitions.Evaluate(context);
        return new JudgedAnswer(context, decision.Edits.Count > 0 ? Whole(decision) : decision, [new Edit(Within(message, instructions), nothing)]);
    }

    private static ByteRange Within(RpcMessage message, ByteRange range) => range with { Start = message.Result.Start + range.Start };

    // What would be edited in a text that is not the one delivered is denied as a whole.
    private static Decision Whole(Decision decision) =>
        decision.IsAllowed ? Failure.Of(DenyReason.ContentBlocked, "what surrounds the answer") : decision;

    private CallContext Context(OpenCall call, PolicySnapshot policies, ReadOnlyMemory<byte> content, Place place, long received, bool asks = false) => new()
    {
        Policies = policies,
        Principal = session.Principal,
        Policy = policies.PolicyOf(session.Principal),
        Method = call.Method,
        IsRequest = asks,
        Target = call.Target,
        Content = content,
        Place = place,
        Hints = place == Place.Result ? call.Hints : ScanHints.None,
        Timestamp = received,
    };
}
