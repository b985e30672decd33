using Oktsec.Core.Pipeline;
using Oktsec.Mcp.Envelope;

namespace Oktsec.Gateway;

/// <summary>Where task ids stand in messages (MCP 2025-11-25, Tasks, and the extension of 2026-07-28), and their change from the backend's to the agent's and back.</summary>
internal static class TaskIds
{
    public static bool IsOfOneTask(string method) => method is Methods.TasksGet or Methods.TasksUpdate or Methods.TasksResult or Methods.TasksCancel;

    /// <summary>Whether a notification says how a task stands.</summary>
    public static bool IsState(string method) => method is Methods.TaskStatus or Methods.TaskChanged;

    /// <summary><c>params.taskId</c>; empty when it is not a string.</summary>
    public static ByteRange InParams(RpcMessage message) => Within(message, message.Params, "taskId"u8);

    /// <summary>The text of an id that was found, or null.</summary>
    public static string? Text(RpcMessage message, ByteRange id) => id.IsEmpty ? null : JsonText.Decode(message.Span(id));

    /// <summary>The task that something a backend says by itself is about; empty when it is about none.</summary>
    public static ByteRange InServerMessage(RpcMessage message) =>
        IsState(message.Method) ? InParams(message) : Related(message, message.Meta);

    /// <summary>The task that a response of a backend is about; empty when it is about none.</summary>
    public static ByteRange InResponse(RpcMessage request, RpcMessage response) => request.Method switch
    {
        Methods.ToolsCall when !JsonMembers.Find(request.Span(request.Params), "task"u8).IsEmpty => Created(response),
        Methods.TasksGet or Methods.TasksCancel => Within(response, response.Result, "taskId"u8),
        Methods.TasksResult => Related(response, Member(response, response.Result, "_meta"u8)),
        _ => default,
    };

    /// <summary>The id of a CreateTaskResult; empty when the response is another.</summary>
    public static ByteRange Created(RpcMessage response) => Within(response, Member(response, response.Result, "task"u8), "taskId"u8);

    /// <summary>The task an answer of the agent belongs to.</summary>
    public static ByteRange InAnswer(RpcMessage answer) => Related(answer, Member(answer, answer.Result, "_meta"u8));

    /// <summary>Learns the id that a backend names and puts the agent's in its place where they differ.</summary>
    public static void Expose(List<Edit> edits, GatewaySession session, RpcMessage message, ByteRange id, string backend, Target? target = null)
    {
        if (Text(message, id) is { } own && session.Tasks.Learn(backend, own, target) is var task && task.Id != own)
            Outgoing.Put(edits, id, JsonText.Quote(task.Id));
    }

    /// <summary>Puts the backend's own id in the place of the agent's.</summary>
    public static void Restore(List<Edit> edits, GatewaySession session, RpcMessage message, ByteRange id, string backend)
    {
        if (Text(message, id) is { } said && session.Tasks.Find(said) is { } task && task.Backend == backend && task.OwnId != said)
            Outgoing.Put(edits, id, JsonText.Quote(task.OwnId));
    }

    private static ByteRange Related(RpcMessage message, ByteRange meta) =>
        Within(message, Member(message, meta, "io.modelcontextprotocol/related-task"u8), "taskId"u8);

    private static ByteRange Within(RpcMessage message, ByteRange parent, ReadOnlySpan<byte> member) =>
        Member(message, parent, member) is { IsEmpty: false } range && message.Bytes.Span[range.Start] == '"' ? range : default;

    private static ByteRange Member(RpcMessage message, ByteRange parent, ReadOnlySpan<byte> member) =>
        JsonMembers.Find(message.Span(parent), member) is { IsEmpty: false } range ? range with { Start = parent.Start + range.Start } : default;
}
