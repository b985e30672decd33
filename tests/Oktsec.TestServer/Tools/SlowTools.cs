namespace Oktsec.TestServer.Tools;

/// <summary>Tools that take their time. `hold` and `release` let a test decide when, without a clock.</summary>
internal static class SlowTools
{
    public static Tool[] All { get; } =
    [
        new("slow", "Waits ms milliseconds; reports progress so many times when asked with a token.",
            """{"type":"object","properties":{"ms":{"type":"integer"},"progress":{"type":"integer"}}}""", SlowAsync),
        new("hang", "Never answers.", Tool.NoArguments, _ => new TaskCompletionSource().Task),
        new("hold", "Answers when `release` was called with the same name, or never after a cancellation.",
            """{"type":"object","properties":{"name":{"type":"string"}}}""", HoldAsync),
        new("release", "Lets `hold` answer.", """{"type":"object","properties":{"name":{"type":"string"}}}""",
            request =>
            {
                request.Session.Gate(request.Text("name")).TrySetResult();
                return request.ReplyTextAsync("released");
            }),
        new("progress", "Sends one progress notification for the given token and returns.",
            """{"type":"object","properties":{"token":{"type":"string"}}}""",
            async request =>
            {
                await SendProgressAsync(request, Request.Quote(request.Text("token")), 1, 1);
                await request.ReplyTextAsync("sent");
            }),
        new("late", "Answers only after its request was cancelled, and says so in a notification first.", Tool.NoArguments,
            async request =>
            {
                await request.Cancelled;
                request.Session.Server.Received.Add(System.Text.Encoding.UTF8.GetBytes($"cancelled {request.Id}"));
                await request.Session.Unsolicited.SendAsync("""{"jsonrpc":"2.0","method":"notifications/message","params":{"data":"cancelled"}}""");
                await request.ReplyTextAsync("too late");
            }),
    ];

    private static async Task SlowAsync(Request request)
    {
        var steps = request.ProgressToken is null ? 0 : request.Number("progress");
        for (var step = 1; step <= steps; step++)
        {
            await Task.Delay(request.Number("ms") / (steps + 1));
            await SendProgressAsync(request, request.ProgressToken!, step, steps);
        }
        await Task.Delay(request.Number("ms") / (steps + 1));
        await request.ReplyTextAsync("done");
    }

    private static async Task HoldAsync(Request request)
    {
        var gate = request.Session.Gate(request.Text("name")).Task;
        if (await Task.WhenAny(gate, request.Cancelled) == gate)
            await request.ReplyTextAsync("held until released");
    }

    private static Task SendProgressAsync(Request request, string token, int step, int steps) => request.Channel.SendAsync(
        $$$"""{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":{{{token}}},"progress":{{{step}}},"total":{{{steps}}}}}""");
}
