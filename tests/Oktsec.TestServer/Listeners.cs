using System.Collections.Concurrent;
using System.Text.Json;

namespace Oktsec.TestServer;

/// <summary>Those who asked to be told of changes (MCP 2026-07-28, Subscriptions).</summary>
internal sealed class Listeners
{
    private readonly ConcurrentDictionary<Request, TaskCompletionSource> _all = [];

    public async Task ListenAsync(Request request)
    {
        var end = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var filter = request.Params.GetProperty("notifications");
        if (filter.TryGetProperty("taskIds", out _) && !request.Meta("clientCapabilities").ToString().Contains("io.modelcontextprotocol/tasks", StringComparison.Ordinal))
        {
            await request.ReplyErrorAsync("""{"code":-32021,"message":"Missing required client capability","data":{"requiredCapabilities":{"extensions":{"io.modelcontextprotocol/tasks":{}}}}}""");
            return;
        }
        await request.Channel.SendAsync(
            $$$$"""{"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged","params":{"_meta":{"io.modelcontextprotocol/subscriptionId":{{{{request.Id}}}}},"notifications":{{{{Agreed(filter)}}}}}}""");
        _all[request] = end;
        await Task.WhenAny(end.Task, request.Cancelled);
        _all.TryRemove(request, out _);
    }

    public async Task TellAsync(string method, string members)
    {
        foreach (var request in _all.Keys.Where(r => Wants(r.Params.GetProperty("notifications"), method, members)))
        {
            var rest = members.Length > 0 ? "," + members : "";
            await request.Channel.SendAsync(
                $$$$"""{"jsonrpc":"2.0","method":"{{{{method}}}}","params":{"_meta":{"io.modelcontextprotocol/subscriptionId":{{{{request.Id}}}}}{{{{rest}}}}}}""");
        }
    }

    public async Task EndAsync(bool gracefully)
    {
        foreach (var (request, end) in _all)
        {
            if (gracefully)
                await request.ReplyAsync($$$"""{"_meta":{"io.modelcontextprotocol/subscriptionId":{{{request.Id}}}}}""");
            else
                await request.Channel.CutAsync(gracefully: false);
            end.TrySetResult();
        }
    }

    // A resource outside test:// is none that changes, and a task that is called silent tells nothing.
    private static string Agreed(JsonElement filter) => "{" + string.Join(',', filter.EnumerateObject().Select(member => member.Value.ValueKind != JsonValueKind.Array
        ? member.ToString()
        : $"\"{member.Name}\":[{string.Join(',', member.Value.EnumerateArray().Where(key => IsOurs(member.Name, key.GetString()!)).Select(key => key.GetRawText()))}]")) + "}";

    private static bool IsOurs(string list, string key) =>
        list == "resourceSubscriptions" ? key.StartsWith("test://", StringComparison.Ordinal) : !key.Contains("silent", StringComparison.Ordinal);

    private static bool Wants(JsonElement filter, string method, string members) => method switch
    {
        "notifications/tools/list_changed" => filter.TryGetProperty("toolsListChanged", out var tools) && tools.GetBoolean(),
        "notifications/prompts/list_changed" => filter.TryGetProperty("promptsListChanged", out var prompts) && prompts.GetBoolean(),
        "notifications/resources/list_changed" => filter.TryGetProperty("resourcesListChanged", out var resources) && resources.GetBoolean(),
        "notifications/tasks" => filter.TryGetProperty("taskIds", out var tasks) && tasks.EnumerateArray().Any(id => members.Contains($"\"taskId\":{Request.Quote(id.GetString()!)}")),
        _ => filter.TryGetProperty("resourceSubscriptions", out var uris) && uris.EnumerateArray().Any(uri => members.Contains(Request.Quote(uri.GetString()!))),
    };
}
