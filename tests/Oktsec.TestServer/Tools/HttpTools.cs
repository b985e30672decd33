using System.Text.Json;

namespace Oktsec.TestServer.Tools;

/// <summary>Tools that only make sense over HTTP.</summary>
internal static class HttpTools
{
    public static Tool[] All { get; } =
    [
        new("headers", "Returns the headers of its request as JSON.", Tool.NoArguments,
            request => request.ReplyTextAsync(JsonSerializer.Serialize(request.Headers))),
        new("lose_session", "Answers; from then on the session is unknown (404).", Tool.NoArguments,
            async request =>
            {
                await request.ReplyTextAsync("lost");
                request.Session.Lose();
            }),
        new("end_stream", "Ends the stream of GET, in order, and answers.", Tool.NoArguments,
            async request =>
            {
                await request.Session.Unsolicited.CutAsync(gracefully: true);
                await request.ReplyTextAsync("ended");
            }),
    ];
}
