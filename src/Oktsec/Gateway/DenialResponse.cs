using System.Buffers;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Oktsec.Core.Pipeline;
using Oktsec.Mcp.Envelope;
using Oktsec.Mcp.Http;

namespace Oktsec.Gateway;

/// <summary>What a denied message is answered with at the gateway. The table of forms is <see cref="DenyReasons"/>; this writes them.</summary>
internal static class DenialResponse
{
    private const int InvalidRequest = -32600;
    private const int MethodNotFound = -32601;
    private const int InvalidParams = -32602;
    private const int ResourceNotFound = -32002; // MCP 2025-11-25, Resources, "Error Handling"; -32602 since 2026-07-28

    /// <summary>The answer to a request of an agent.</summary>
    /// <param name="message">The request; its id is echoed as spelled.</param>
    /// <param name="held">What became of content that was to be held.</param>
    /// <param name="recordId">Id of the audit record.</param>
    public static byte[] ToAgent(RpcMessage message, Target target, Decision decision, Held held, string recordId)
    {
        var id = message.Span(message.Id);
        if (DenyReasons.Row(decision.Reason).Wire == WireForm.Nonexistent)
            return Nonexistent(id, target, StatelessRules.IsStateless(message));
        return message.Method == "tools/call"
            ? RpcReply.Result(id, ToolError(decision, held, recordId, StatelessRules.IsStateless(message)))
            : RpcReply.Error(id, InvalidRequest, Text(decision, held));
    }

    /// <summary>What a tool, prompt or resource that does not exist gets; a hidden one gets the same bytes.</summary>
    public static byte[] Nonexistent(ReadOnlySpan<byte> id, Target target, bool isStateless = false) => target.Kind switch
    {
        TargetKind.Resource => RpcReply.Error(id, isStateless ? InvalidParams : ResourceNotFound, $"Resource not found: {target.Name}"),
        TargetKind.Prompt => RpcReply.Error(id, InvalidParams, $"Unknown prompt: {target.Name}"),
        TargetKind.None => RpcReply.Error(id, MethodNotFound, "Method not found"),
        _ => RpcReply.Error(id, InvalidParams, $"Unknown tool: {target.Name}"),
    };

    /// <summary>The answer to a request of a server that may not reach the agent.</summary>
    public static byte[] ToServer(ReadOnlySpan<byte> id, Decision decision) => RpcReply.Error(id, InvalidRequest, Text(decision, Held.Nothing));

    /// <summary>The answer to a denied GET or DELETE, which carry no message: the HTTP status says it.</summary>
    /// <param name="decision">The denial.</param>
    /// <param name="problem">What is wrong with the form of the request, or null.</param>
    public static HttpProblem OfStream(Decision decision, HttpProblem? problem) => new(
        (decision.Reason, DenyReasons.Row(decision.Reason).Wire) switch
        {
            (DenyReason.AgentSuspended, _) => StatusCodes.Status403Forbidden,
            (_, (WireForm.Forbidden or WireForm.Unauthorized) and var form) => StatusOf(form),
            (DenyReason.RateLimited or DenyReason.ConcurrencyExceeded, _) => StatusCodes.Status429TooManyRequests,
            (DenyReason.CheckFailed, _) => StatusCodes.Status503ServiceUnavailable,
            _ => problem?.Status ?? StatusCodes.Status400BadRequest,
        },
        Text(decision, Held.Nothing), decision.RetryAfterSeconds);

    /// <summary>The HTTP status of what is refused for who sent it.</summary>
    public static int StatusOf(WireForm form) => form == WireForm.Unauthorized ? StatusCodes.Status401Unauthorized : StatusCodes.Status403Forbidden;

    /// <summary><c>blocked by oktsec: PI-001 prompt_injection (critical), ...</c>, or the decision word and what helps.</summary>
    public static string Text(Decision decision, Held held)
    {
        var text = new StringBuilder("blocked by oktsec: ");
        var word = DenyReasons.Row(decision.Reason).Word;
        var rules = Rules(decision);
        if (decision.Reason == DenyReason.ContentQuarantined)
            text.Append("quarantined").Append(held.Id.Length > 0 ? " " + held.Id : "").Append(held.Note.Length > 0 ? $" ({held.Note})" : "").Append(rules.Length > 0 ? ", " : "");
        else if (rules.Length == 0 || decision.Reason != DenyReason.ContentBlocked)
            return text.Append(word).Append(decision.Detail.Length > 0 ? ", " : "").Append(decision.Detail).ToString();
        return text.Append(rules).ToString();
    }

    /// <summary>The form of the stdio proxy: <c>blocked by oktsec: PI-001, PI-003</c>, or the decision word when no rule denied.</summary>
    public static string Short(Decision decision)
    {
        var ids = decision.Reason is DenyReason.ContentBlocked or DenyReason.ContentQuarantined
            ? string.Join(", ", Strongest(decision).Select(f => f.Finding.RuleId)) : "";
        return $"blocked by oktsec: {(ids.Length > 0 ? ids : DenyReasons.Row(decision.Reason).Word)}";
    }

    /// <summary>The stdio proxy's answer to a denied request, of the agent's or of the server's.</summary>
    /// <param name="id">The id of the request as it is spelled.</param>
    public static byte[] InPlace(ReadOnlySpan<byte> id, Decision decision) => RpcReply.Error(id, InvalidRequest, Short(decision));

    private static string Rules(Decision decision) =>
        string.Join(", ", Strongest(decision).Select(f => $"{f.Finding.RuleId} {f.Finding.RuleName} ({f.Severity.ToString().ToLowerInvariant()})"));

    // Each rule once, the strongest first, so that the reason for the denial leads.
    private static IEnumerable<JudgedFinding> Strongest(Decision decision) =>
        decision.Findings.OrderByDescending(f => f.Action).ThenByDescending(f => f.Severity)
            .ThenBy(f => f.Finding.RuleId, StringComparer.Ordinal).DistinctBy(f => f.Finding.RuleId);

    private static ReadOnlySpan<byte> ToolError(Decision decision, Held held, string recordId, bool isStateless)
    {
        var output = new ArrayBufferWriter<byte>(512);
        using var json = new Utf8JsonWriter(output, RelaxedJson.Options);
        json.WriteStartObject();
        if (isStateless)
            json.WriteString("resultType", "complete");
        json.WriteStartArray("content");
        json.WriteStartObject();
        json.WriteString("type", "text");
        json.WriteString("text", Text(decision, held));
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteBoolean("isError", true);
        json.WriteStartObject("_meta");
        json.WriteStartObject("oktsec/decision");
        json.WriteString("decision", DenyReasons.Row(decision.Reason).Word);
        json.WriteString("verdict", decision.Verdict.ToString().ToLowerInvariant());
        json.WriteString("record", recordId);
        if (held.Id.Length > 0)
            json.WriteString("quarantine", held.Id);
        if (decision.RetryAfterSeconds > 0)
            json.WriteNumber("retry_after_seconds", decision.RetryAfterSeconds);
        json.WriteStartArray("rules");
        foreach (var finding in Strongest(decision))
        {
            json.WriteStartObject();
            json.WriteString("id", finding.Finding.RuleId);
            json.WriteString("name", finding.Finding.RuleName);
            json.WriteString("severity", finding.Severity.ToString().ToLowerInvariant());
            json.WriteString("category", finding.Finding.Category);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
        json.Flush();
        return output.WrittenSpan;
    }
}

/// <summary>JSON that people read: only what JSON itself needs is escaped; it is never put into HTML.</summary>
internal static class RelaxedJson
{
    public static JsonWriterOptions Options { get; } = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
