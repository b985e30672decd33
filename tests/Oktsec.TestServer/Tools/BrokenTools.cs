using System.Text;
using Oktsec.TestServer.Stdio;

namespace Oktsec.TestServer.Tools;

/// <summary>Tools that break something.</summary>
internal static class BrokenTools
{
    public static Tool[] All { get; } =
    [
        new("crash", "Exits at once with that code.", """{"type":"object","properties":{"code":{"type":"integer"}}}""",
            request =>
            {
                Environment.Exit(request.Number("code", 3));
                return Task.CompletedTask;
            }),
        new("abort", "Dies by a signal.", Tool.NoArguments, _ => throw Abort()),
        new("babble", "Writes something that is no message, then answers. kind: text, log, json, utf8, long, batch, duplicate, bom, half",
            """{"type":"object","properties":{"kind":{"type":"string"},"bytes":{"type":"integer"}}}""", BabbleAsync),
        new("nothing", "Ends its answer before it began; over stdio it writes an empty line.", Tool.NoArguments,
            request => request.Channel is StdioChannel stdout ? stdout.SendRawAsync("\n"u8.ToArray()) : Task.CompletedTask),
        new("answer", "Answers with its argument, ID replaced by the request's.", """{"type":"object","properties":{"message":{"type":"string"}}}""",
            request => request.Channel.SendAsync(request.Text("message").Replace("ID", request.Id, StringComparison.Ordinal))),
        new("malformed", "Answers with the same key twice.", Tool.NoArguments,
            request => request.Channel.SendAsync($$"""{"jsonrpc":"2.0","id":{{request.Id}},"result":{"a":1,"a":2} }""")),
        new("long_head", "Answers with a line of that many bytes, its id first.", """{"type":"object","properties":{"bytes":{"type":"integer"}}}""",
            request => request.Channel.SendAsync(
                $$"""{"jsonrpc":"2.0","id":{{request.Id}},"result":""" + LongResult(request) + "}")),
        new("long_tail", "The same with its id last.", """{"type":"object","properties":{"bytes":{"type":"integer"}}}""",
            request => request.Channel.SendAsync(
                "{\"result\":" + LongResult(request) + $$""","jsonrpc":"2.0","id":{{request.Id}}}""")),
        new("wrong_id", "Answers a request that nobody made, then its own.", Tool.NoArguments,
            async request =>
            {
                await request.Channel.SendAsync("""{"jsonrpc":"2.0","id":987654321,"result":{}}""");
                await request.Channel.SendAsync("""{"jsonrpc":"2.0","id":"other","result":{}}""");
                await request.ReplyTextAsync("right id");
            }),
        new("say", "Sends a message as it stands in its argument, then answers.", """{"type":"object","properties":{"message":{"type":"string"}}}""",
            async request =>
            {
                await request.Channel.SendAsync(request.Text("message"));
                await request.ReplyTextAsync("said");
            }),
        new("twice", "Answers twice.", Tool.NoArguments,
            async request =>
            {
                await request.ReplyTextAsync("first");
                await request.ReplyTextAsync("second");
            }),
        new("cut", "Closes its output under the request, or the request's stream, and then answers.",
            """{"type":"object","properties":{"gracefully":{"type":"boolean"}}}""",
            async request =>
            {
                await request.Channel.CutAsync(request.Arguments.TryGetProperty("gracefully", out var value) && value.GetBoolean());
                await request.ReplyTextAsync("after the cut");
            }),
        new("deaf", "Answers and closes its input.", Tool.NoArguments,
            async request =>
            {
                request.Session.IsDeaf = true;
                Native.Close(0);
                await request.ReplyTextAsync("I hear nothing");
            }),
        new("stall", "Answers and reads no more, with its input open.", Tool.NoArguments,
            request =>
            {
                request.Session.IsDeaf = true;
                return request.ReplyTextAsync("I read no more");
            }),
        new("ping_flood", "Sends so many pings without waiting, then answers.", """{"type":"object","properties":{"count":{"type":"integer"}}}""",
            async request =>
            {
                for (var i = 0; i < request.Number("count"); i++)
                    await request.Channel.SendAsync($$"""{"jsonrpc":"2.0","id":"ping-{{i}}","method":"ping"}""");
                await request.ReplyTextAsync("pinged");
            }),
        new("flood", "Sends log messages of so many bytes, count times or until `release` was called for `flood`, then answers; with `after` it answers first, and with `uri` they are updates of it.",
            """{"type":"object","properties":{"count":{"type":"integer"},"bytes":{"type":"integer"},"after":{"type":"boolean"},"uri":{"type":"string"}}}""", FloodAsync),
        new("stderr", "Writes so many bytes to stderr, then answers.", """{"type":"object","properties":{"bytes":{"type":"integer"},"text":{"type":"string"}}}""",
            async request =>
            {
                await Console.Error.WriteAsync(new string('e', request.Number("bytes")) + request.Text("text"));
                await Console.Error.FlushAsync();
                await request.ReplyTextAsync("written");
            }),
    ];

    private static string LongResult(Request request) =>
        "{\"content\":[{\"type\":\"text\",\"text\":\"" + new string('y', request.Number("bytes")) + "\"}]}";

    private static async Task FloodAsync(Request request)
    {
        await Task.Yield();
        var isAfter = request.Arguments.TryGetProperty("after", out var after) && after.GetBoolean();
        if (isAfter)
            await request.ReplyTextAsync("about to flood");
        var channel = isAfter ? request.Session.Unsolicited : request.Channel;
        var (count, data, end) = (request.Number("count", int.MaxValue), new string('f', request.Number("bytes", 100)), request.Session.Gate("flood").Task);
        for (var i = 0; i < count && !end.IsCompleted; i++)
        {
            if (request.Text("uri") is { Length: > 0 } uri)
                await request.Session.AnnounceAsync("notifications/resources/updated", $"\"uri\":{Request.Quote(uri)},\"n\":{i}");
            else
                await channel.SendAsync($$$"""{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":"{{{i}}} {{{data}}}"}}""");
        }
        if (!isAfter)
            await request.ReplyTextAsync("flooded");
    }

    private static async Task BabbleAsync(Request request)
    {
        byte[] babble = request.Text("kind", "text") switch
        {
            "text" => "just some text\n"u8.ToArray(),
            "log" => "[info] a log line\n[1/2] another\n"u8.ToArray(),
            "json" => "42\n\"a string\"\nnull\n"u8.ToArray(),
            "utf8" => [0xFF, 0xFE, 0xC0, 0x80, (byte)'\n'],
            "long" => [.. Enumerable.Repeat((byte)'z', request.Number("bytes")), (byte)'\n'],
            "batch" => "[{\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\"}]\n"u8.ToArray(),
            "duplicate" => "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\",\"method\":\"ping\"}\n"u8.ToArray(),
            "bom" => [0xEF, 0xBB, 0xBF, .. "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\"}\n"u8],
            "half" => "{\"jsonrpc\":\"2.0\",\"method\n"u8.ToArray(),
            var kind => throw new ArgumentException($"no babble of kind {kind}"),
        };
        await request.Channel.SendRawAsync(babble);
        await request.ReplyTextAsync("babbled");
    }

    private static Exception Abort()
    {
        Native.Kill(Environment.ProcessId, 9);
        return new InvalidOperationException("not reached");
    }
}
