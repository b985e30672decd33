using System.Collections.Concurrent;
using System.Text.Json;
using Oktsec.TestServer.Tools;

namespace Oktsec.TestServer;

/// <summary>The tasks of one session (MCP 2025-11-25): each works until it is cancelled or its result is fetched, which makes the call.</summary>
internal sealed class TaskList(ServerOptions server)
{
    private readonly ConcurrentDictionary<string, (JsonElement Params, string Status)> _tasks = [];
    private int _last;

    public bool WantsTask(Request request) =>
        server.Script.Capabilities?.Contains("\"tasks\"", StringComparison.Ordinal) == true && request.Params.TryGetProperty("task", out _);

    public Task CreateAsync(Request request)
    {
        var id = $"task-{Interlocked.Increment(ref _last)}";
        _tasks[id] = (request.Params, "working");
        return request.ReplyAsync($$"""{"task":{{Show(id)}}}""");
    }

    public async Task AnswerAsync(Request request)
    {
        if (request.Method == "tasks/list")
        {
            await request.ReplyAsync($$"""{"tasks":[{{string.Join(',', _tasks.Keys.Order(StringComparer.Ordinal).Select(Show))}}]}""");
            return;
        }
        var id = request.Params.GetProperty("taskId").GetString()!;
        if (!_tasks.TryGetValue(id, out var task))
        {
            await request.ReplyErrorAsync("""{"code":-32602,"message":"no such task"}""");
            return;
        }
        if (request.Method == "tasks/result")
        {
            _tasks[id] = task with { Status = "completed" };
            var call = JsonDocument.Parse($$"""{"jsonrpc":"2.0","id":{{request.Id}},"method":"tools/call","params":{{task.Params.GetRawText()}}}""");
            await ToolTable.CallAsync(request with { Message = call.RootElement });
            return;
        }
        if (request.Method == "tasks/cancel")
            _tasks[id] = task with { Status = "cancelled" };
        await request.ReplyAsync(Show(id));
    }

    private string Show(string id) =>
        $$"""{"taskId":"{{id}}","status":"{{_tasks[id].Status}}","statusMessage":{{Request.Quote(server.Script.TaskMessage)}},"createdAt":"2025-11-25T10:30:00Z","lastUpdatedAt":"2025-11-25T10:30:00Z","ttl":60000}""";
}
