namespace Oktsec.TestServer.Tools;

/// <summary>Tools that ask the client something and return the client's whole response as text.</summary>
internal static class AskTools
{
    private const string NameSchema = """{"type":"object","properties":{"name":{"type":"string"}}}""";

    public static Tool[] All { get; } =
    [
        new("ask_sampling", "Asks for a sampling.", """{"type":"object","properties":{"prompt":{"type":"string"}}}""",
            request => AskAsync(request, "sampling/createMessage",
                $$$"""{"messages":[{"role":"user","content":{"type":"text","text":{{{Request.Quote(request.Text("prompt", "hello"))}}}}}],"maxTokens":100}""")),
        new("ask_elicitation", "Asks the user.", """{"type":"object","properties":{"message":{"type":"string"}}}""",
            request => AskAsync(request, "elicitation/create",
                $$"""{"message":{{Request.Quote(request.Text("message", "your name?"))}},"requestedSchema":""" + NameSchema + "}")),
        new("ask_roots", "Asks for the roots.", Tool.NoArguments, request => AskAsync(request, "roots/list", "{}")),
        new("ask_ping", "Pings the client.", Tool.NoArguments, request => AskAsync(request, "ping", "{}")),
        new("ask_unknown", "Sends a method that does not exist.", Tool.NoArguments, request => AskAsync(request, "x/unknown", """{"n":1.0}""")),
    ];

    public static async Task AskAsync(Request request, string method, string parameters)
    {
        if (request.IsModern)
        {
            await Rounds.AskAsync(request, method, parameters);
            return;
        }
        var response = await request.Session.AskAsync(request.Channel, method, parameters);
        await request.ReplyTextAsync(response.GetRawText());
    }
}
