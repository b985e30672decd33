namespace Oktsec.TestServer;

/// <summary>Answers a request of 2026-07-28, strictly.</summary>
internal static class ModernMethods
{
    private const string Everything =
        """{"tools":{"listChanged":true},"resources":{"subscribe":true,"listChanged":true},"prompts":{"listChanged":true},"logging":{},"completions":{}}""";

    /// <summary>The error that a request deserves before its method is looked at; null for none.</summary>
    public static string? Problem(Request request)
    {
        var versions = request.Session.Server.Arguments.Versions;
        if (request.Version is null || request.Meta("clientCapabilities").ValueKind != System.Text.Json.JsonValueKind.Object)
            return """{"code":-32602,"message":"Invalid params: _meta lacks required fields"}""";
        if (!versions.Contains(request.Version))
            return $$$"""{"code":-32022,"message":"Unsupported protocol version","data":{"supported":[{{{string.Join(',', versions.Select(Request.Quote))}}}],"requested":{{{Request.Quote(request.Version)}}}}}""";
        return IsKnown(request) ? null : """{"code":-32601,"message":"Method not found"}""";
    }

    public static Task AnswerAsync(Request request)
    {
        if (request.Session.Server.Arguments.Silent && !IsKnown(request))
            return Task.CompletedTask;
        if (Problem(request) is { } problem)
            return request.ReplyErrorAsync(problem);
        return request.Method switch
        {
            "server/discover" => DiscoverAsync(request),
            "subscriptions/listen" => request.Session.Listeners.ListenAsync(request),
            _ when request.Session.Server.Script.Answer(request.Method) is { } scripted => request.ReplyAsync(scripted),
            _ => Methods.AnswerInSessionAsync(request),
        };
    }

    private static bool IsKnown(Request request) => request.Method switch
    {
        "subscriptions/listen" => !request.Session.Server.Arguments.NoListen,
        "server/discover" or "tools/list" or "tools/call" or "resources/list" or "resources/templates/list" or "resources/read"
            or "prompts/list" or "prompts/get" or "completion/complete" => true,
        _ => request.Session.Server.Script.Answer(request.Method) is not null,
    };

    private static async Task DiscoverAsync(Request request)
    {
        var server = request.Session.Server;
        if (server.Arguments.Mute)
            await new TaskCompletionSource().Task;
        var instructions = server.Script.Instructions is { } text ? $",\"instructions\":{Request.Quote(text)}" : "";
        await request.ReplyAsync(
            $$$$"""{"supportedVersions":[{{{{string.Join(',', server.Arguments.Versions.Select(Request.Quote))}}}}],"capabilities":{{{{server.Script.Capabilities ?? Everything}}}},"_meta":{"io.modelcontextprotocol/serverInfo":{"name":{{{{Request.Quote(server.Script.Name)}}}},"version":{{{{Request.Quote(server.Script.Version)}}}}}}{{{{instructions}}}}}""");
    }
}
