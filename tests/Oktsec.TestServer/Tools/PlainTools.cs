using System.Text.Json;

namespace Oktsec.TestServer.Tools;

/// <summary>Tools that behave.</summary>
internal static class PlainTools
{
    // Numbers that no double holds, spellings that a serializer would change, members that no schema knows.
    private const string Odd = """
        {"content":[{"type":"text","text":"\u0061\/b \ud83d\ude00 é","x-unknown":[1.0,1e2,-0]}],"structuredContent":{"big":123456789012345678901234567890,"precise":0.10000000000000000001,"exp":1E+2 , "sp" : [ ] },"_meta":{"odd/key":null}}
        """;

    public static Tool[] All { get; } =
    [
        new("echo", "Returns the message.", """{"type":"object","properties":{"message":{"type":"string"}},"required":["message"]}""",
            request => request.ReplyTextAsync(request.Text("message"))),
        new("add", "Adds two integers.", """{"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"integer"}},"required":["a","b"]}""",
            request => request.ReplyTextAsync((request.Number("a") + request.Number("b")).ToString(System.Globalization.CultureInfo.InvariantCulture))),
        new("echo_raw", "Returns its arguments as structuredContent, byte for byte.", """{"type":"object"}""",
            request => request.ReplyAsync($$"""{"content":[],"structuredContent":{{request.Arguments.GetRawText()}}}""")),
        new("odd_json", "Returns JSON in unusual spelling.", Tool.NoArguments, request => request.ReplyAsync(Odd)),
        new("big_result", "Returns a text of that many bytes.", """{"type":"object","properties":{"bytes":{"type":"integer"}},"required":["bytes"]}""",
            request => request.ReplyTextAsync(new string('x', request.Number("bytes")))),
        new("fail", "Returns an error result.", Tool.NoArguments,
            request => request.ReplyAsync("""{"content":[{"type":"text","text":"it failed"}],"isError":true}""")),
        new("rpc_error", "Returns a JSON-RPC error.", Tool.NoArguments,
            request => request.ReplyErrorAsync("""{"code":-32050,"message":"as asked","data":{"n":12345678901234567890}}""")),
        new("env", "Returns its environment as JSON.", Tool.NoArguments,
            request => request.ReplyTextAsync(JsonSerializer.Serialize(
                Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>().ToDictionary(e => (string)e.Key, e => (string?)e.Value)))),
        new("meta", "Returns the _meta of the call.", Tool.NoArguments,
            request => request.ReplyTextAsync(request.Params.TryGetProperty("_meta", out var meta) ? meta.GetRawText() : "none")),
        new("cwd", "Returns its working directory.", Tool.NoArguments, request => request.ReplyTextAsync(Environment.CurrentDirectory)),
        new("pid", "Returns its process id.", Tool.NoArguments, request => request.ReplyTextAsync($"{Environment.ProcessId}")),
        new("log", "Sends a log notification, then returns.", """{"type":"object","properties":{"level":{"type":"string"},"message":{"type":"string"}}}""",
            async request =>
            {
                if (!request.IsModern || request.Meta("logLevel").ValueKind == JsonValueKind.String) // else it must not
                    await request.Channel.SendAsync(
                        $$$"""{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"{{{request.Text("level", "info")}}}","data":{{{Request.Quote(request.Text("message"))}}}}}""");
                await request.ReplyTextAsync("logged");
            }),
        new("change_tools", "Adds a tool of the given definition and says that the list changed.",
            """{"type":"object","properties":{"definition":{"type":"object"}}}""",
            async request =>
            {
                request.Session.Lists.AddTool(request.Arguments.GetProperty("definition").GetRawText());
                await request.Session.AnnounceAsync("notifications/tools/list_changed");
                await request.ReplyTextAsync("changed");
            }),
        new("announce", "Sends a notification of no request, with such members of its params.", """{"type":"object","properties":{"method":{"type":"string"},"members":{"type":"string"}}}""",
            async request =>
            {
                await request.Session.AnnounceAsync(request.Text("method"), request.Text("members"));
                await request.ReplyTextAsync("announced");
            }),
        new("update_resource", "Says that a resource was updated.", """{"type":"object","properties":{"uri":{"type":"string"}}}""",
            async request =>
            {
                await request.Session.AnnounceAsync("notifications/resources/updated", $"\"uri\":{Request.Quote(request.Text("uri"))}");
                await request.ReplyTextAsync("updated");
            }),
    ];
}
