using System.Buffers;
using System.Text.Json;
using Oktsec.Mcp.Envelope;

namespace Oktsec.Gateway.Stateless;

/// <summary>What subscriptions/listen asks for, and what its acknowledgement agrees to (MCP 2026-07-28, Subscriptions, "Notification Filter").</summary>
/// <param name="Lists">Members that are true, such as <c>toolsListChanged</c>.</param>
/// <param name="Resources">URIs as the agent knows them.</param>
/// <param name="Tasks">Ids as the agent knows them (the extension io.modelcontextprotocol/tasks).</param>
internal sealed record ListenFilter(IReadOnlyCollection<string> Lists, IReadOnlyList<string> Resources, IReadOnlyList<string> Tasks)
{
    /// <summary>256 resources and 256 tasks per stream: each is one subscription at a backend.</summary>
    public const int Most = 256;

    private const string ResourcesMember = "resourceSubscriptions";
    private const string TasksMember = "taskIds";

    /// <summary>What a request asks for; null when that cannot be read, or is too much.</summary>
    public static ListenFilter? TryRead(RpcMessage message, IReadOnlyCollection<string> knownLists)
    {
        var filter = message.Params.IsEmpty ? default : JsonMembers.Find(message.Span(message.Params), "notifications"u8);
        if (filter.IsEmpty)
            return null;
        using var document = JsonDocument.Parse(message.Memory(message.Params).Slice(filter.Start, filter.Length), new JsonDocumentOptions { MaxDepth = int.MaxValue - 1 });
        if (document.RootElement.ValueKind != JsonValueKind.Object)
            return null;
        var (lists, resources, tasks) = (new HashSet<string>(StringComparer.Ordinal), new List<string>(), new List<string>());
        foreach (var member in document.RootElement.EnumerateObject())
        {
            var isRead = member.Name switch
            {
                ResourcesMember => TryAdd(resources, member.Value),
                TasksMember => TryAdd(tasks, member.Value),
                var name when knownLists.Contains(name) => TryAdd(lists, name, member.Value),
                _ => true,
            };
            if (!isRead)
                return null;
        }
        return new ListenFilter(lists, resources, tasks);
    }

    /// <summary>The notification that says what was agreed to.</summary>
    public byte[] Acknowledgement()
    {
        var output = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(output, RelaxedJson.Options);
        json.WriteStartObject();
        json.WriteString("jsonrpc", "2.0");
        json.WriteString("method", Methods.SubscriptionsAcknowledged);
        json.WriteStartObject("params");
        json.WriteStartObject("notifications");
        foreach (var list in Lists)
            json.WriteBoolean(list, true);
        Write(json, ResourcesMember, Resources);
        Write(json, TasksMember, Tasks);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
        json.Flush();
        return output.WrittenSpan.ToArray();
    }

    private static void Write(Utf8JsonWriter json, string member, IReadOnlyList<string> values)
    {
        if (values.Count == 0)
            return;
        json.WriteStartArray(member);
        foreach (var value in values)
            json.WriteStringValue(value);
        json.WriteEndArray();
    }

    private static bool TryAdd(HashSet<string> lists, string name, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.True)
            lists.Add(name);
        return value.ValueKind is JsonValueKind.True or JsonValueKind.False;
    }

    private static bool TryAdd(List<string> all, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() > Most || value.EnumerateArray().Any(text => text.ValueKind != JsonValueKind.String))
            return false;
        all.AddRange(value.EnumerateArray().Select(text => text.GetString()!).Distinct(StringComparer.Ordinal));
        return true;
    }
}
