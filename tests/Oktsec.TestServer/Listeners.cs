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

    // A resource outside test:// is none that changes.
    private static string Agreed(JsonElement filter) => "{" + string.Join(',', filter.EnumerateObject().Select(member => member.Name != "resourceSubscriptions"
        ? member.ToString()
        : $"\"resourceSubscriptions\":[{string.Join(',', member.Value.EnumerateArray().Where(IsOurs).Select(uri => uri.GetRawText()))}]")) + "}";

    private static bool IsOurs(JsonElement uri) => uri.GetString()!.StartsWith("test://", StringComparison.Ordinal);

    private static bool Wants(JsonElement filter, string method, string members) => method switch
    {
        "notifications/tools/list_changed" => filter.TryGetProperty("toolsListChanged", out var tools) && tools.GetBoolean(),
        "notifications/prompts/list_changed" => filter.TryGetProperty("promptsListChanged", out var prompts) && prompts.GetBoolean(),
        "notifications/resources/list_changed" => filter.TryGetProperty("resourcesListChanged", out var resources) && resources.GetBoolean(),
        _ => filter.TryGetProperty("resourceSubscriptions", out var uris) && uris.EnumerateArray().Any(uri => members.Contains(Request.Quote(uri.GetString()!))),
    };
}
