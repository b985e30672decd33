using System.Text.Json.Nodes;

namespace Oktsec.Tests.Peers;

/// <summary>What server-everything can do beyond lists and calls.</summary>
internal static class EverythingWalk
{
    private const string TextUri = "demo://resource/dynamic/text/1";

    public static Task BeforeAsync(Walk walk) =>
        // It asks for the roots 350 ms after initialize; the tool that shows them would otherwise race with that.
        walk.ExpectAsync("that it received the roots", m => Data(m).StartsWith("Roots updated", StringComparison.Ordinal));

    public static async Task ExtraAsync(Walk walk)
    {
        await ErrorsAsync(walk);
        await TemplatesAsync(walk);
        await CompletionAsync(walk);
        await SubscriptionAsync(walk);
        await RootsChangeAsync(walk);
        await TaskAsync(walk);
        await CancellationAsync(walk);
    }

    /// <summary>What can be told apart when several servers talk on one connection.</summary>
    public static async Task AmongOthersAsync(Walk walk)
    {
        await TemplatesAsync(walk);
        await CompletionAsync(walk);
    }

    private static async Task ErrorsAsync(Walk walk)
    {
        await walk.CallAsync("elicitation by error", "trigger-url-elicitation",
            new JsonObject { ["url"] = "https://example.com/needs-consent", ["errorPath"] = true });
        await walk.AskAsync("logging/setLevel wrong", "logging/setLevel", new JsonObject { ["level"] = "no such level" });
        await walk.AskAsync("logging/setLevel", "logging/setLevel", new JsonObject { ["level"] = "debug" });
    }

    private static async Task TemplatesAsync(Walk walk)
    {
        await walk.ReadAsync("template text", TextUri);
        await walk.ReadAsync("template blob", "demo://resource/dynamic/blob/7");
        await walk.ReadAsync("template wrong", "demo://resource/dynamic/text/zero");
    }

    private static async Task CompletionAsync(Walk walk)
    {
        var template = new JsonObject { ["type"] = "ref/resource", ["uri"] = walk.ExposedUri("demo://resource/dynamic/text/{resourceId}") };
        await CompleteAsync("template", template, "resourceId", "12");
        var prompt = new JsonObject { ["type"] = "ref/prompt", ["name"] = walk.ExposedPrompt("completable-prompt") };
        await CompleteAsync("prompt", prompt, "department", "S");
        await CompleteAsync("prompt with context", prompt, "name", "", new JsonObject { ["arguments"] = new JsonObject { ["department"] = "Sales" } });

        Task CompleteAsync(string key, JsonObject reference, string argument, string value, JsonObject? context = null)
        {
            var parameters = new JsonObject
            {
                ["ref"] = reference.DeepClone(),
                ["argument"] = new JsonObject { ["name"] = argument, ["value"] = value },
            };
            if (context is not null)
                parameters["context"] = context;
            return walk.AskAsync("completion " + key, "completion/complete", parameters);
        }
    }

    private static async Task SubscriptionAsync(Walk walk)
    {
        JsonObject Uri() => new() { ["uri"] = walk.ExposedUri(TextUri) };
        await walk.AskAsync("subscribe", "resources/subscribe", Uri());
        await walk.ExpectAsync("that it was subscribed to", m => Data(m).Contains("Received Subscribe", StringComparison.Ordinal));
        await walk.CallAsync("updates on", "toggle-subscriber-updates", []);
        await walk.ExpectAsync("that the resource changed", m => (string?)m["method"] == "notifications/resources/updated");
        await walk.CallAsync("updates off", "toggle-subscriber-updates", []);
        await walk.AskAsync("unsubscribe", "resources/unsubscribe", Uri());
        await walk.ExpectAsync("that it was unsubscribed from", m => Data(m).Contains("Received Unsubscribe", StringComparison.Ordinal));
    }

    private static async Task RootsChangeAsync(Walk walk)
    {
        bool Updated(IReadOnlyList<JsonObject> all) => all.Count(m => Data(m).StartsWith("Roots updated", StringComparison.Ordinal)) == 2;
        await walk.NotifyAsync("notifications/roots/list_changed");
        Assert.True(await walk.Heard.WaitAsync(Updated), "the server did not ask for the changed roots");
        await walk.CallAsync("roots after the change", "get-roots-list", []);
    }

    private static async Task TaskAsync(Walk walk)
    {
        var created = await walk.CallAsync("task created", "simulate-research-query",
            new JsonObject { ["topic"] = "python", ["ambiguous"] = true }, new JsonObject { ["task"] = new JsonObject { ["ttl"] = 60_000 } });
        var id = (string?)created["result"]?["task"]?["taskId"];
        if (id is null)
            return; // the comparison says what was wrong
        JsonObject Task() => new() { ["taskId"] = id };
        // What tasks/get says in between depends on the moment; that it answers is what counts.
        var state = await walk.AskUnrecordedAsync("tasks/get", Task());
        Assert.True((string?)state.Result?["status"] is "working" or "input_required", state.ToJson().ToJsonString());
        await walk.AskAsync("task result", "tasks/result", Task());
        await walk.AskAsync("task after its end", "tasks/get", Task());
        await walk.AskAsync("task cancelled too late", "tasks/cancel", Task());
        await walk.AskAsync("task of nobody", "tasks/get", new JsonObject { ["taskId"] = "00000000000000000000000000000000" });
    }

    private static async Task CancellationAsync(Walk walk)
    {
        await walk.CallAsync("cancelled", "trigger-long-running-operation",
            new JsonObject { ["duration"] = 2, ["steps"] = PeerServers.CancelledSteps }, cancelAfterProgress: 2);
        await walk.CallAsync("after the cancellation", "echo", new JsonObject { ["message"] = "still here" });
    }

    private static string Data(JsonObject m) => m["params"]?["data"] is JsonValue v && v.TryGetValue<string>(out var text) ? text : "";
}
