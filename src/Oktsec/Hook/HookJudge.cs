using System.Text;
using Oktsec.Core.Identity;
using Oktsec.Core.Pipeline;
using Oktsec.Core.Policy;
using Oktsec.Gateway;
using Oktsec.Mcp.Envelope;
using Oktsec.Scanning;

namespace Oktsec.Hook;

/// <summary>Asks the pipeline about a client's tool call as if it were a tools/call, about other content as about a result, and records what it says.</summary>
/// <param name="policies">What it is judged by.</param>
/// <param name="observing">The same where nothing can be stopped any more.</param>
internal sealed class HookJudge(
    SecurityPipeline requests, SecurityPipeline responses, Recorder recorder, PolicySnapshot policies, PolicySnapshot observing, TimeProvider time)
{
    /// <summary>Why it is denied, in one sentence for the model; null when it is not.</summary>
    public async Task<string?> JudgeAsync(HookEvent said, string agent)
    {
        var reason = said.Input.IsEmpty ? null : await JudgeAsync(said, agent, Call(said), Place.Arguments);
        if (reason is not null || (said.Output.IsEmpty && said.Kind == HookKind.Before))
            return reason;
        byte[] answer = [.. "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"content\":"u8, .. said.Output.IsEmpty ? "{}"u8 : said.Output.Span, .. "}}"u8];
        return await JudgeAsync(said, agent, answer, Place.Result);
    }

    /// <summary>Records an event that could not be read, and denies it.</summary>
    public async Task<string?> RefuseAsync(string problem, string agent)
    {
        var call = Context(policies, agent, Target.None with { Backend = agent }, "", default, Place.Arguments, problem);
        using var decision = requests.Evaluate(call);
        var isWritten = await recorder.WriteAsync(recorder.Entry(call, decision, ""), decision);
        return !decision.IsAllowed || !isWritten ? $"blocked by oktsec: message_malformed, {problem}" : null;
    }

    private async Task<string?> JudgeAsync(HookEvent said, string agent, byte[] content, Place place)
    {
        var started = time.GetTimestamp();
        var by = said.Kind == HookKind.Told ? observing : policies;
        var call = Context(by, agent, said.Target(agent), said.Tool.Length > 0 ? Methods.ToolsCall : said.Name, content, place, null);
        using var judged = (place == Place.Result ? responses : requests).Evaluate(call);
        // A client's own output cannot be changed from here: what would be redacted is reported as a whole.
        var decision = judged.IsAllowed && judged.Edits.Count > 0 && !by.IsObserving ? Failure.Of(DenyReason.ContentBlocked, "what would be redacted") : judged;
        var entry = recorder.Entry(call, decision, said.Session) with
        {
            Direction = place == Place.Result && said.Kind != HookKind.Prompt ? "server" : "request",
            ArgumentsHash = place == Place.Result ? "" : recorder.HashArguments(said.Input),
            Findings = judged.RecordedFindings,
            PipelineMicroseconds = (long)time.GetElapsedTime(started).TotalMicroseconds,
        };
        var held = await recorder.HoldAsync(entry, call, decision, place == Place.Result && said.Kind != HookKind.Prompt ? "result" : "request", content);
        if (!await recorder.WriteAsync(held.Mark(entry), decision))
            return DenialResponse.Text(Failure.Of(DenyReason.AuditUnavailable, ""), Held.Nothing);
        if (decision.IsAllowed)
            return null;
        return ReferenceEquals(decision, judged)
            ? DenialResponse.Text(decision, held)
            : $"blocked by oktsec: the {(said.Kind == HookKind.Prompt ? "prompt" : "output")} holds {string.Join(", ", judged.Findings.Select(f => f.Finding.RuleId).Distinct())}; do not repeat or send it";
    }

    private static byte[] Call(HookEvent said)
    {
        var isObject = said.Input.Span[0] == '{';
        return [.. "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":"u8, .. JsonText.Quote(said.Tool), .. ",\"arguments\":"u8,
            .. isObject ? [] : "{\"input\":"u8, .. said.Input.Span, .. isObject ? "}}"u8 : "}}}"u8];
    }

    private CallContext Context(PolicySnapshot by, string agent, Target target, string method, ReadOnlyMemory<byte> content, Place place, string? malformed) => new()
    {
        Policies = by,
        Principal = new Principal(agent, AuthMethod.CommandLine),
        Policy = by.PolicyOf(new Principal(agent, AuthMethod.CommandLine)),
        Method = method,
        IsRequest = malformed is null && (place == Place.Arguments || method != Methods.ToolsCall), // what is no output is scanned also with scan_responses: false
        Target = target,
        Malformed = malformed,
        Content = content,
        Place = place,
        Timestamp = time.GetTimestamp(),
    };
}
