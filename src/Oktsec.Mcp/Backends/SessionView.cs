using Oktsec.Mcp.Envelope;

namespace Oktsec.Mcp.Backends;

/// <summary>What an agent with a session can make of the words of 2026-07-28: revisions with sessions know one kind of result, and only objects in some places.</summary>
internal static class SessionView
{
    /// <summary>Of this revision only, and nothing like the tasks of 2025-11-25.</summary>
    private static ReadOnlySpan<byte> Tasks => "io.modelcontextprotocol/tasks"u8;

    /// <summary>Capabilities without the extension whose results no session can carry. Other extensions are agreed on in either era.</summary>
    public static ReadOnlyMemory<byte> Capabilities(ReadOnlyMemory<byte> capabilities)
    {
        var extensions = JsonMembers.Find(capabilities.Span, "extensions"u8);
        if (extensions.IsEmpty || capabilities.Span[extensions.Start] != '{')
            return capabilities;
        var tasks = JsonMembers.FindWhole(capabilities.Span.Slice(extensions.Start, extensions.Length), Tasks);
        return tasks.IsEmpty ? capabilities : Splice.ToArray(capabilities.Span, [new Edit(tasks with { Start = extensions.Start + tasks.Start }, default)]);
    }

    /// <summary>A result as a session may carry it. Methods of no revision are somebody's own, and so are their results.</summary>
    /// <exception cref="BackendUnavailableException">It is of a type that only this revision, or an extension of it, knows.</exception>
    public static RpcMessage Result(string backend, BackendRequest request, RpcMessage response)
    {
        if (response.Kind is not RpcKind.Response || !Methods.IsKnown(request.Method))
            return response;
        var result = response.Span(response.Result);
        if (!IsComplete(result))
        {
            response.Dispose();
            throw new BackendUnavailableException(
                backend, $"its response was refused: its result is of a type that exists in {Discover.Modern} only", sent: true)
            { WasAnswered = true };
        }
        return request.Method is Methods.ToolsCall ? WithStructure(response, JsonMembers.Find(result, "structuredContent"u8)) : response;
    }

    /// <summary>"A resultType of any value unrecognized by the client MUST be considered invalid"; without one a result is complete.</summary>
    public static bool IsComplete(ReadOnlySpan<byte> result) =>
        JsonMembers.Find(result, "resultType"u8).IsEmpty || JsonMembers.Text(result, "resultType"u8) == "complete";

    /// <summary>A tool's definition without an output schema that describes anything but an object: clients of a session refuse the whole list for it.</summary>
    public static ReadOnlyMemory<byte> Tool(ReadOnlyMemory<byte> definition)
    {
        var schema = JsonMembers.Find(definition.Span, "outputSchema"u8);
        return schema.IsEmpty || JsonMembers.Text(definition.Span.Slice(schema.Start, schema.Length), "type"u8) == "object" ? definition
            : Splice.ToArray(definition.Span, [new Edit(JsonMembers.FindWhole(definition.Span, "outputSchema"u8), default)]);
    }

    // Any JSON value in this revision, an object before: as the official servers do for earlier clients, it becomes the only member of one.
    private static RpcMessage WithStructure(RpcMessage response, ByteRange structured)
    {
        if (structured.IsEmpty || response.Bytes.Span[response.Result.Start + structured.Start] == '{')
            return response;
        var place = structured with { Start = response.Result.Start + structured.Start };
        byte[] inside = [.. "{\"result\":"u8, .. response.Span(place), (byte)'}'];
        var bytes = Splice.ToArray(response.Bytes.Span, [new Edit(place, inside)]);
        response.Dispose();
        return ModernSession.Local(bytes);
    }
}
