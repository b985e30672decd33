using Oktsec.TestServer.Tools;

namespace Oktsec.TestServer;

/// <summary>Answers a request by its method.</summary>
internal static class Methods
{
    public static Task AnswerAsync(Request request)
    {
        var arguments = request.Session.Server.Arguments;
        if (arguments.OnlyInitialize && request.Method != "initialize" && !request.Session.IsOpen)
            Environment.Exit(4);
        return arguments.Modern && (request.IsModern || !arguments.Legacy) ? ModernMethods.AnswerAsync(request) : AnswerInSessionAsync(request);
    }

    /// <summary>The methods that both eras have, and those of a session.</summary>
    public static Task AnswerInSessionAsync(Request request) => request.Method switch
    {
        "initialize" => InitializeAsync(request),
        var method when method == request.Session.Server.Arguments.Ignored => request.Cancelled,
        "ping" or "logging/setLevel" or "resources/subscribe" or "resources/unsubscribe" => request.ReplyAsync("{}"),
        "tools/list" or "resources/list" or "resources/templates/list" or "prompts/list" when File.Exists(request.Session.Server.Arguments.FailLists) =>
            request.ReplyErrorAsync("""{"code":-32603,"message":"no database"}"""),
        "tools/list" or "resources/list" or "resources/templates/list" or "prompts/list" when File.Exists(request.Session.Server.Arguments.HangLists) => request.Cancelled,
        "tools/list" => request.ReplyAsync(request.Session.Lists.Page("tools", request)),
        "resources/list" => request.ReplyAsync(request.Session.Lists.Page("resources", request)),
        "resources/templates/list" => request.ReplyAsync(request.Session.Lists.Page("resourceTemplates", request)),
        "prompts/list" => request.ReplyAsync(request.Session.Lists.Page("prompts", request)),
        "tools/call" => request.Session.Tasks.WantsTask(request) ? request.Session.Tasks.CreateAsync(request) : ToolTable.CallAsync(request),
        "tasks/get" or "tasks/cancel" or "tasks/list" or "tasks/result" => request.Session.Tasks.AnswerAsync(request),
        "resources/read" => ReadAsync(request),
        "prompts/get" => GetPromptAsync(request),
        "completion/complete" => request.ReplyAsync($$$"""{"completion":{"values":{{{request.Session.Server.Script.Completions}}},"total":2,"hasMore":false}}"""),
        _ when request.Session.Server.Arguments.Silent => Task.CompletedTask,
        _ => request.ReplyErrorAsync("""{"code":-32601,"message":"Method not found"}"""),
    };

    private static async Task InitializeAsync(Request request)
    {
        var arguments = request.Session.Server.Arguments;
        if (arguments.EarlyNotification)
            await request.Channel.SendAsync("""{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}""");
        if (arguments.Mute)
            await new TaskCompletionSource().Task;
        request.Session.IsOpen = true;
        var script = request.Session.Server.Script;
        var asked = request.Params.GetProperty("protocolVersion").GetString()!;
        var capabilities = script.Capabilities
            ?? """{"tools":{"listChanged":true},"resources":{"subscribe":true,"listChanged":true},"prompts":{"listChanged":true},"logging":{},"completions":{}}""";
        var instructions = script.Instructions is { } text ? $",\"instructions\":{Request.Quote(text)}" : "";
        await request.ReplyAsync(
            $$"""{"protocolVersion":{{Request.Quote(script.ProtocolVersion ?? asked)}},"capabilities":{{capabilities}},"serverInfo":{"name":{{Request.Quote(script.Name)}},"version":{{Request.Quote(script.Version)}}}{{instructions}}}""");
    }

    private static Task ReadAsync(Request request)
    {
        var uri = request.Params.GetProperty("uri").GetString()!;
        var entry = request.Session.Server.Script.List("resources").FirstOrDefault(entry => entry.Uri == uri);
        if (entry?.Answer("contents") is { } contents)
            return request.ReplyAsync($$"""{"contents":{{contents}}}""");
        return uri.StartsWith("test://", StringComparison.Ordinal)
            ? request.ReplyAsync($$"""{"contents":[{"uri":{{Request.Quote(uri)}},"mimeType":"text/plain","text":{{Request.Quote("text of " + uri)}}}]}""")
            : request.ReplyErrorAsync("""{"code":-32002,"message":"Resource not found"}""");
    }

    private static async Task GetPromptAsync(Request request)
    {
        var name = request.Params.GetProperty("name").GetString()!;
        var entry = request.Session.Server.Script.List("prompts").FirstOrDefault(entry => entry.Name == name);
        if (entry?.Member("ask") is { ValueKind: System.Text.Json.JsonValueKind.Object } ask)
            await request.Session.AskAsync(request.Channel, ask.GetProperty("method").GetString()!, "{}");
        await AnswerPromptAsync(request, name, entry);
    }

    private static Task AnswerPromptAsync(Request request, string name, ScriptEntry? entry)
    {
        if (entry?.Answer("messages") is { } messages)
            return request.ReplyAsync($$"""{"messages":{{messages}}}""");
        return name == "greet"
            ? request.ReplyAsync($$$"""{"messages":[{"role":"user","content":{"type":"text","text":{{{Request.Quote($"Greet {request.Text("who", "them")}.")}}}}}]}""")
            : request.ReplyErrorAsync("""{"code":-32602,"message":"Unknown prompt"}""");
    }
}
