using System.Buffers;
using System.Text.Json;
using Oktsec.Mcp.Envelope;

namespace Oktsec.Mcp.Backends;

/// <summary>
/// What subscriptions/listen is asked to tell of, and what its acknowledgement agrees to: resources and, with the extension
/// io.modelcontextprotocol/tasks, tasks. Lists are asked for by name and not looked for in the agreement.
/// </summary>
internal sealed record ChangeFilter(IReadOnlyCollection<string> Lists, IReadOnlySet<string> Uris, IReadOnlySet<string> Tasks)
{
    /// <summary>Whoever asks for tasks must declare the extension; the agent on whose behalf it is has.</summary>
    public static ReadOnlySpan<byte> TasksMeta => """{"io.modelcontextprotocol/clientCapabilities":{"extensions":{"io.modelcontextprotocol/tasks":{}}}}"""u8;

    public bool IsEmpty => Lists.Count == 0 && Uris.Count == 0 && Tasks.Count == 0;

    /// <summary>The params of the request, without <c>_meta</c> but for what asking for tasks takes.</summary>
    public byte[] Write()
    {
        var output = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(output);
        json.WriteStartObject();
        if (Tasks.Count > 0)
        {
            json.WritePropertyName("_meta");
            json.WriteRawValue(TasksMeta);
        }
        json.WriteStartObject("notifications");
        foreach (var list in Lists)
            json.WriteBoolean(list, true);
        Write(json, "resourceSubscriptions", Uris);
        Write(json, "taskIds", Tasks);
        json.WriteEndObject();
        json.WriteEndObject();
        json.Flush();
        return output.WrittenSpan.ToArray();
    }

    /// <summary>What an acknowledgement agrees to.</summary>
    public static ChangeFilter Agreed(RpcMessage acknowledgement)
    {
        var parameters = acknowledgement.Span(acknowledgement.Params);
        var filter = JsonMembers.Find(parameters, "notifications"u8);
        var agreed = filter.IsEmpty ? default : parameters.Slice(filter.Start, filter.Length);
        return new ChangeFilter([], Texts(agreed, "resourceSubscriptions"u8), Texts(agreed, "taskIds"u8));
    }

    private static void Write(Utf8JsonWriter json, string name, IReadOnlySet<string> values)
    {
        if (values.Count == 0)
            return;
        json.WriteStartArray(name);
        foreach (var value in values.Order(StringComparer.Ordinal))
            json.WriteStringValue(value);
        json.WriteEndArray();
    }

    private static HashSet<string> Texts(ReadOnlySpan<byte> agreed, ReadOnlySpan<byte> member)
    {
        var texts = new HashSet<string>(StringComparer.Ordinal);
        var list = agreed.IsEmpty ? default : JsonMembers.Find(agreed, member);
        if (list.IsEmpty)
            return texts;
        var reader = new Utf8JsonReader(agreed.Slice(list.Start, list.Length), JsonMembers.AnyDepth);
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.String && reader.CurrentDepth == 1)
                texts.Add(reader.GetString()!);
        }
        return texts;
    }
}
