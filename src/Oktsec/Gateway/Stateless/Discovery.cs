using System.Buffers;
using System.Text.Json;
using Oktsec.Core.Policy;
using Oktsec.Mcp.Backends;
using Oktsec.Mcp.Envelope;
using Oktsec.Mcp.Http;

namespace Oktsec.Gateway.Stateless;

/// <summary>Answers server/discover: what initialize answers, in the words of 2026-07-28.</summary>
internal sealed class Discovery(Initializer initializer)
{
    /// <summary>3 s: the official clients take a server that does not answer within 5 s for one of an earlier revision.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(3);

    /// <summary>The raw result.</summary>
    public async Task<byte[]> ResultAsync(GatewaySession session, PolicySnapshot policies)
    {
        var (ready, vetted) = await initializer.ReadyAsync(session, policies, s_patience);
        var output = new ArrayBufferWriter<byte>(1024);
        using var json = new Utf8JsonWriter(output, RelaxedJson.Options);
        json.WriteStartObject();
        json.WriteString("resultType", "complete");
        json.WriteStartArray("supportedVersions"); // what a request without a session may say; sessions are opened by initialize
        json.WriteStringValue(Revisions.Stateless);
        json.WriteEndArray();
        var only = session.Slots.Count == 1 && vetted.Count == 1 ? vetted[0].Handshake!.Result() : default;
        json.WriteStartObject("capabilities");
        if (only.IsEmpty)
            Initializer.Capabilities(json, ready, isPartial: ready.Count < session.Slots.Count);
        else
            Pass(json, Member(only, "capabilities"u8), but: "tasks"u8); // of 2025-11-25: here they are an extension
        json.WriteEndObject();
        json.WriteStartObject("_meta");
        json.WritePropertyName("io.modelcontextprotocol/serverInfo");
        if (ServerInfo(only) is { IsEmpty: false } own)
            json.WriteRawValue(own.Span, skipInputValidation: true);
        else
            Initializer.Ourselves(json);
        json.WriteEndObject();
        var instructions = only.IsEmpty ? Initializer.Instructions(vetted) : JsonMembers.Text(only.Span, "instructions"u8);
        if (instructions is { Length: > 0 })
            json.WriteString("instructions", instructions);
        // Which backends are up and what the policy says may change at any time, and differ between agents.
        json.WriteNumber("ttlMs", 0);
        json.WriteString("cacheScope", "private");
        json.WriteEndObject();
        json.Flush();
        return output.WrittenSpan.ToArray();
    }

    // Revisions with sessions have it beside the capabilities.
    private static ReadOnlyMemory<byte> ServerInfo(ReadOnlyMemory<byte> result) =>
        Member(result, "serverInfo"u8) is { IsEmpty: false } own ? own : Member(Member(result, "_meta"u8), "io.modelcontextprotocol/serverInfo"u8);

    private static ReadOnlyMemory<byte> Member(ReadOnlyMemory<byte> json, ReadOnlySpan<byte> name) =>
        json.Slice(JsonMembers.Find(json.Span, name)) is { IsEmpty: false } value && value.Span[0] == '{' ? value : default;

    private static void Pass(Utf8JsonWriter json, ReadOnlyMemory<byte> capabilities, ReadOnlySpan<byte> but)
    {
        if (capabilities.IsEmpty)
            return;
        var reader = new Utf8JsonReader(capabilities.Span, JsonMembers.AnyDepth);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isKept = !reader.ValueTextEquals(but);
            if (isKept)
                json.WritePropertyName(reader.GetString()!);
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            if (isKept)
                json.WriteRawValue(capabilities.Span[start..(int)reader.BytesConsumed], skipInputValidation: true);
        }
    }
}
