using System.Buffers;
using System.Text;
using System.Text.Json;
using Oktsec.Mcp.Envelope;

namespace Oktsec.Gateway.Stateless;

/// <summary>What an agent said it can do, as far as it changes what may be asked of it (MCP 2026-07-28, <c>io.modelcontextprotocol/clientCapabilities</c>).</summary>
/// <remarks>Read and written anew: an agent must not be able to make a backend's handshake fail for others by what it says of itself.</remarks>
internal sealed record ClientFeatures
{
    public static ClientFeatures None { get; } = Read("{}"u8.ToArray());

    public bool Roots { get; private init; }

    public bool Sampling { get; private init; }

    public bool SamplingTools { get; private init; }

    public bool SamplingContext { get; private init; }

    /// <summary>An <c>elicitation</c> that names no mode means forms.</summary>
    public bool ElicitationForm { get; private init; }

    public bool ElicitationUrl { get; private init; }

    /// <summary>The extension io.modelcontextprotocol/tasks.</summary>
    public bool Tasks { get; private init; }

    /// <summary>The capabilities as a backend hears them at initialize; equal for equal features.</summary>
    public string Json { get; private init; } = "{}";

    /// <summary>What a request says.</summary>
    public static ClientFeatures Of(RpcMessage message) => message.ClientCapabilities.IsEmpty ? None : Read(message.Memory(message.ClientCapabilities));

    /// <param name="capabilities">A raw JSON object that the envelope reader accepted.</param>
    public static ClientFeatures Read(ReadOnlyMemory<byte> capabilities)
    {
        using var document = JsonDocument.Parse(capabilities, new JsonDocumentOptions { MaxDepth = int.MaxValue - 1 });
        var root = document.RootElement;
        var sampling = Member(root, "sampling");
        var elicitation = Member(root, "elicitation");
        var (form, url) = (Member(elicitation, "form") is not null, Member(elicitation, "url") is not null);
        var features = new ClientFeatures
        {
            Roots = Member(root, "roots") is not null,
            Sampling = sampling is not null,
            SamplingTools = Member(sampling, "tools") is not null,
            SamplingContext = Member(sampling, "context") is not null,
            ElicitationForm = elicitation is not null && (form || !url),
            ElicitationUrl = url,
            Tasks = Member(Member(root, "extensions"), "io.modelcontextprotocol/tasks") is not null,
        };
        return features with { Json = features.Write(Member(root, "extensions"), Member(root, "experimental")) };
    }

    /// <summary>What a question of a backend needs that the agent does not have: a raw <c>ClientCapabilities</c> object, or null when nothing is missing.</summary>
    public string? Missing(RpcMessage question) => question.Method switch
    {
        Methods.RootsList => Roots ? null : """{"roots":{}}""",
        Methods.CreateMessage when !Sampling => """{"sampling":{}}""",
        Methods.CreateMessage => SamplingTools || JsonMembers.Find(question.Span(question.Params), "tools"u8).IsEmpty ? null : """{"sampling":{"tools":{}}}""",
        Methods.Elicit when JsonMembers.Text(question.Span(question.Params), "mode"u8) is null or "form" => ElicitationForm ? null : """{"elicitation":{"form":{}}}""",
        Methods.Elicit => ElicitationUrl ? null : """{"elicitation":{"url":{}}}""",
        _ => null,
    };

    private string Write(JsonElement? extensions, JsonElement? experimental)
    {
        var output = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(output, RelaxedJson.Options);
        json.WriteStartObject();
        if (Roots)
            Nested(json, "roots");
        if (Sampling)
            Nested(json, "sampling", SamplingTools ? "tools" : null, SamplingContext ? "context" : null);
        if (ElicitationForm || ElicitationUrl)
            Nested(json, "elicitation", ElicitationForm ? "form" : null, ElicitationUrl ? "url" : null);
        ObjectsOf(json, "extensions", extensions);
        ObjectsOf(json, "experimental", experimental);
        json.WriteEndObject();
        json.Flush();
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private static void Nested(Utf8JsonWriter json, string name, params ReadOnlySpan<string?> members)
    {
        json.WriteStartObject(name);
        foreach (var member in members)
        {
            if (member is not null)
            {
                json.WriteStartObject(member);
                json.WriteEndObject();
            }
        }
        json.WriteEndObject();
    }

    private static void ObjectsOf(Utf8JsonWriter json, string name, JsonElement? value)
    {
        if (value is not { } all)
            return;
        json.WriteStartObject(name);
        foreach (var member in all.EnumerateObject())
        {
            if (member.Value.ValueKind == JsonValueKind.Object)
                member.WriteTo(json);
        }
        json.WriteEndObject();
    }

    private static JsonElement? Member(JsonElement? parent, string name) =>
        parent is { ValueKind: JsonValueKind.Object } all && all.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Object ? value : null;
}
