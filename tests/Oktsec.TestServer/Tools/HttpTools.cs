using System.Text.Json;

namespace Oktsec.TestServer.Tools;

/// <summary>Tools that only make sense over HTTP.</summary>
internal static class HttpTools
{
    public static Tool[] All { get; } =
    [
        new("headers", "Returns the headers of its request as JSON.", Tool.NoArguments,
            request => request.ReplyTextAsync(JsonSerializer.Serialize(request.Headers))),
        new("log_then_cut", "Sends a log message, cuts the request's stream (with a gate: once `release` opened it), and then answers.",
            """{"type":"object","properties":{"gracefully":{"type":"boolean"},"gate":{"type":"string"}}}""",
            async request =>
            {
                await LogAsync(request);
                if (request.Arguments.TryGetProperty("gate", out var gate))
                    await request.Session.Gate(gate.GetString()!).Task;
                await request.Channel.CutAsync(request.Arguments.TryGetProperty("gracefully", out var value) && value.GetBoolean());
                await request.ReplyTextAsync("after the cut");
            }),
        new("log_then_crash", "Sends a log message and exits.", Tool.NoArguments,
            async request =>
            {
                await LogAsync(request);
                Environment.Exit(3);
            }),
        new("lose_session", "Answers; from then on the session is unknown (404).", Tool.NoArguments,
            async request =>
            {
                request.Session.Lose(); // first: whoever reads the answer may call at once
                await request.ReplyTextAsync("lost");
            }),
        new("end_stream", "Ends the streams of those who listen, in order or not, and answers.", """{"type":"object","properties":{"cut":{"type":"boolean"}}}""",
            async request =>
            {
                await request.Session.Listeners.EndAsync(gracefully: !request.Arguments.TryGetProperty("cut", out _));
                if (!request.IsModern)
                    await request.Session.Unsolicited.CutAsync(gracefully: true);
                await request.ReplyTextAsync("ended");
            }),
    ];

    private static Task LogAsync(Request request) =>
        request.Channel.SendAsync("""{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":"before the cut"}}""");
}
