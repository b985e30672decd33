using System.Buffers;
using System.Text;
using System.Text.Json;
using Oktsec.Core.Pipeline;
using Oktsec.Mcp.Envelope;

namespace Oktsec.Gateway;

/// <summary>What a denied message is answered with at the gateway. The table of forms is <see cref="DenyReasons"/>; this writes them.</summary>
internal static class DenialResponse
{
    private const int InvalidRequest = -32600;
    private const int InvalidParams = -32602;
    private const int ResourceNotFound = -32002; // MCP 2025-11-25, Resources, "Error Handling"

    /// <summary>The answer to a request of an agent.</summary>
    /// <param name="message">The request; its id is echoed as spelled.</param>
    /// <param name="heldId">Id of the held content, or empty.</param>
    /// <param name="recordId">Id of the audit record.</param>
    public static byte[] ToAgent(RpcMessage message, Target target, Decision decision, string heldId, string recordId)
    {
        var id = message.Span(message.Id);
        if (DenyReasons.Row(decision.Reason).Wire == WireForm.Nonexistent)
            return Nonexistent(id, target);
        return message.Method == "tools/call"
            ? RpcReply.Result(id, ToolError(decision, heldId, recordId))
            : RpcReply.Error(id, InvalidRequest, Text(decision, heldId));
    }

    /// <summary>What a tool, prompt or resource that does not exist gets; a hidden one gets the same bytes.</summary>
    public static byte[] Nonexistent(ReadOnlySpan<byte> id, Target target) => target.Kind switch
    {
        TargetKind.Resource => RpcReply.Error(id, ResourceNotFound, $"Resource not found: {target.Name}"),
        TargetKind.Prompt => RpcReply.Error(id, InvalidParams, $"Unknown prompt: {target.Name}"),
        _ => RpcReply.Error(id, InvalidParams, $"Unknown tool: {target.Name}"),
    };

    /// <summary>The answer to a request of a server that may not reach the agent.</summary>
    public static byte[] ToServer(ReadOnlySpan<byte> id, Decision decision) => RpcReply.Error(id, InvalidRequest, Text(decision, ""));

    /// <summary><c>blocked by oktsec: PI-001 prompt_injection (critical), ...</c>, or the decision word and what helps.</summary>
    public static string Text(Decision decision, string heldId)
    {
        var text = new StringBuilder("blocked by oktsec: ");
        var word = DenyReasons.Row(decision.Reason).Word;
        var rules = Rules(decision);
        if (decision.Reason == DenyReason.ContentQuarantined)
            text.Append("quarantined").Append(heldId.Length > 0 ? " " + heldId : "").Append(rules.Length > 0 ? ", " : "");
        else if (rules.Length == 0 || decision.Reason != DenyReason.ContentBlocked)
            return text.Append(word).Append(decision.Detail.Length > 0 ? ", " : "").Append(decision.Detail).ToString();
        return text.Append(rules).ToString();
    }

    private static string Rules(Decision decision) =>
        string.Join(", ", Strongest(decision).Select(f => $"{f.Finding.RuleId} {f.Finding.RuleName} ({f.Severity.ToString().ToLowerInvariant()})"));

    // Each rule once, the strongest first, so that the reason for the denial leads.
    private static IEnumerable<JudgedFinding> Strongest(Decision decision) =>
        decision.Findings.OrderByDescending(f => f.Action).ThenByDescending(f => f.Severity)
            .ThenBy(f => f.Finding.RuleId, StringComparer.Ordinal).DistinctBy(f => f.Finding.RuleId);

    private static ReadOnlySpan<byte> ToolError(Decision decision, string heldId, string recordId)
    {
        var output = new ArrayBufferWriter<byte>(512);
        using var json = new Utf8JsonWriter(output, RelaxedJson.Options);
        json.WriteStartObject();
        json.WriteStartArray("content");
        json.WriteStartObject();
        json.WriteString("type", "text");
        json.WriteString("text", Text(decision, heldId));
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteBoolean("isError", true);
        json.WriteStartObject("_meta");
        json.WriteStartObject("oktsec/decision");
        json.WriteString("decision", DenyReasons.Row(decision.Reason).Word);
        json.WriteString("verdict", decision.Verdict.ToString().ToLowerInvariant());
        json.WriteString("record", recordId);
        if (heldId.Length > 0)
            json.WriteString("quarantine", heldId);
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
