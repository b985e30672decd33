using System.Text.Json;

namespace Oktsec.Hook;

/// <summary>What an event says beside the arguments of a tool: outputs, prompts, what the model said.</summary>
/// <remarks>All of it may carry content, whatever it is called: a member that no list names is looked at, so that a client's new one is too.</remarks>
internal static class HookRest
{
    // Where, when and by whom: the client's own words, which reach no model. Paths and addresses among them would look like somebody reading them.
    private static readonly string[] s_envelope =
    [
        "hook_event_name", "session_id", "conversation_id", "generation_id", "transcript_path", "agent_transcript_path", "cwd", "workspace_roots", "permission_mode",
        "tool_use_id", "tool_call_id", "agent_id", "agent_type", "timestamp", "duration", "duration_ms", "model", "model_id", "cursor_version", "user_email", "sandbox",
        "sessionId", "toolUseId",
    ];

    // Whose tool it is and how the client reaches its server: the client's own configuration.
    private static readonly string[] s_server = ["mcp_context", "original_request_name"];

    /// <summary>The members as an object of their own; empty when there are none.</summary>
    /// <param name="json">An event that was read strictly.</param>
    /// <param name="judged">What is judged elsewhere.</param>
    public static byte[] Of(ReadOnlySpan<byte> json, params ReadOnlySpan<string> judged)
    {
        var rest = new List<byte>();
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = int.MaxValue - 1 });
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var start = (int)reader.TokenStartIndex;
            var isLeftOut = IsOneOf(ref reader, s_envelope) || IsOneOf(ref reader, s_server) || IsOneOf(ref reader, judged);
            reader.Read();
            reader.Skip();
            if (isLeftOut)
                continue;
            rest.Add((byte)(rest.Count == 0 ? '{' : ','));
            rest.AddRange(json[start..(int)reader.BytesConsumed]);
        }
        if (rest.Count > 0)
            rest.Add((byte)'}');
        return [.. rest];
    }

    private static bool IsOneOf(ref Utf8JsonReader reader, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (reader.ValueTextEquals(name))
                return true;
        }
        return false;
    }
}
