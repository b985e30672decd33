using Oktsec.Mcp.Envelope;

namespace Oktsec.Mcp.Backends;

/// <summary>Makes a request of 2026-07-28 out of one that was made for a session: what is missing is spliced in, every other byte stays.</summary>
internal static class ModernRequest
{
    /// <param name="request">The request as a session would send it.</param>
    /// <param name="meta">What it says of us.</param>
    /// <param name="logLevel">The raw level, or empty.</param>
    /// <param name="inputs">The members <c>inputResponses</c> and <c>requestState</c> of a further round, or empty.</param>
    /// <param name="headers">Which arguments go into headers; null where there are none (stdio).</param>
    public static BackendRequest Of(BackendRequest request, ModernMeta meta, ReadOnlyMemory<byte> logLevel, ReadOnlyMemory<byte> inputs, ToolHeaders? headers)
    {
        var bytes = request.Bytes.Span;
        var shape = RequestShape.Of(bytes);
        var edits = new List<Edit>(4);
        if (shape.Params.IsEmpty)
            Insert(edits, bytes.LastIndexOf((byte)'}'), [.. ",\"params\":{\"_meta\":{"u8, .. meta.Members(logLevel).Span, .. "}}"u8]);
        else if (bytes[shape.Params.Start] == '{')
            AddToParams(edits, bytes, shape, meta, logLevel, inputs, request.IsModern);
        edits.Sort((a, b) => a.Range.Start.CompareTo(b.Range.Start));
        var shift = edits.Where(e => e.Range.End <= request.Id.Start).Sum(e => e.Replacement.Length - e.Range.Length);
        return request with
        {
            Bytes = Splice.ToArray(bytes, edits.ToArray()),
            Id = request.Id with { Start = request.Id.Start + shift },
            Headers = headers is null ? [] : HeadersOf(request, bytes, shape, headers),
        };
    }

    private static void AddToParams(
        List<Edit> edits, ReadOnlySpan<byte> bytes, RequestShape shape, ModernMeta meta, ReadOnlyMemory<byte> logLevel, ReadOnlyMemory<byte> inputs, bool isModern)
    {
        var hasMeta = !shape.Meta.IsEmpty && bytes[shape.Meta.Start] == '{';
        if (hasMeta)
            AddToMeta(edits, bytes, shape.Meta, meta, logLevel, isModern);
        else if (!shape.Meta.IsEmpty)
            edits.Add(new Edit(shape.Meta, (byte[])[(byte)'{', .. meta.Members(logLevel).Span, (byte)'}'])); // null
        byte[] added = [.. shape.Meta.IsEmpty ? [.. "\"_meta\":{"u8, .. meta.Members(logLevel).Span, (byte)'}'] : (byte[])[],
            .. shape.Meta.IsEmpty && !inputs.IsEmpty ? ","u8 : [], .. inputs.Span];
        if (added.Length > 0)
            Insert(edits, shape.Params.Start + 1, IsEmptyObject(bytes, shape.Params) ? added : [.. added, (byte)',']);
    }

    // What is there already is the agent's own word only when it speaks this revision; else it could promise what the session did not.
    private static void AddToMeta(List<Edit> edits, ReadOnlySpan<byte> bytes, ByteRange range, ModernMeta meta, ReadOnlyMemory<byte> logLevel, bool isModern)
    {
        var inside = bytes.Slice(range.Start, range.Length);
        var missing = new List<byte>();
        foreach (var (name, value) in meta.Fields(logLevel))
        {
            var there = JsonMembers.Find(inside, System.Text.Encoding.ASCII.GetBytes(ModernMeta.Prefix + name));
            if (there.IsEmpty && isModern && name == "logLevel")
                continue; // it wants none for this request
            if (there.IsEmpty)
                missing.AddRange([.. ModernMeta.Member(name, value), (byte)',']);
            else if (!isModern || name == "protocolVersion")
                edits.Add(new Edit(there with { Start = range.Start + there.Start }, value));
        }
        if (missing.Count == 0)
            return;
        if (IsEmptyObject(bytes, range))
            missing.RemoveAt(missing.Count - 1);
        Insert(edits, range.Start + 1, [.. missing]);
    }

    private static List<KeyValuePair<string, string>> HeadersOf(BackendRequest request, ReadOnlySpan<byte> bytes, RequestShape shape, ToolHeaders headers)
    {
        var all = new List<KeyValuePair<string, string>> { new("Mcp-Method", HeaderValue.Encode(request.Method)) };
        var name = request.Method switch
        {
            Methods.ToolsCall or Methods.PromptsGet => shape.Name,
            Methods.ResourcesRead => shape.Uri,
            Methods.TasksGet or Methods.TasksUpdate or Methods.TasksCancel => shape.TaskId, // SEP-2663: a load balancer finds the task's server by it
            _ => default,
        };
        if (name.IsEmpty || bytes[name.Start] != '"')
            return all;
        var text = JsonText.Decode(bytes.Slice(name.Start, name.Length));
        all.Add(new("Mcp-Name", HeaderValue.Encode(text)));
        if (request.Method is Methods.ToolsCall && !shape.Arguments.IsEmpty)
            headers.AddTo(all, text, bytes.Slice(shape.Arguments.Start, shape.Arguments.Length));
        return all;
    }

    private static void Insert(List<Edit> edits, int at, byte[] bytes) => edits.Add(new Edit(new ByteRange(at, 0), bytes));

    private static bool IsEmptyObject(ReadOnlySpan<byte> bytes, ByteRange range) =>
        bytes.Slice(range.Start + 1, range.Length - 2).IndexOfAnyExcept(" \t\r\n"u8) < 0;
}
