using System.Text.Json;

namespace Oktsec.TestServer.Tools;

/// <summary>Calls that ask for input by their result (MCP 2026-07-28, Multi Round-Trip Requests).</summary>
internal static class Rounds
{
    // Characters that a careless client would spell anew.
    private const string State = """
        "st\u0061te \/ \u00e9 {\"n\":1}"
        """;

    /// <summary>Asks one thing; with the answer there, returns it as the response that a session would have got.</summary>
    public static Task AskAsync(Request request, string method, string parameters)
    {
        if (!request.Params.TryGetProperty("inputResponses", out var responses))
            return request.ReplyAsync(
                $$$"""{"resultType":"input_required","inputRequests":{"ask":{"method":"{{{method}}}","params":{{{parameters}}}}},"requestState":{{{State}}}}""");
        var isOurs = request.Params.TryGetProperty("requestState", out var state) && state.GetString() == JsonDocument.Parse(State).RootElement.GetString();
        return isOurs
            ? request.ReplyTextAsync($$"""{"jsonrpc":"2.0","id":"ask-1","result":{{responses.GetProperty("ask").GetRawText()}}}""")
            : request.ReplyErrorAsync("""{"code":-32602,"message":"the state is not the one that was given"}""");
    }

    /// <summary>Answers by the state that comes with the call: the result under its name, or under "" for none.</summary>
    public static Task AnswerAsync(Request request, JsonElement rounds)
    {
        var state = request.Params.TryGetProperty("requestState", out var given) ? given.GetString()! : "";
        return rounds.TryGetProperty(state, out var result)
            ? request.ReplyAsync(result.GetRawText())
            : request.ReplyErrorAsync("""{"code":-32602,"message":"no such state"}""");
    }
}
