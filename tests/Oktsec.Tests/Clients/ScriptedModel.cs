using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Oktsec.Tests.StdioProxy;

namespace Oktsec.Tests.Clients;

/// <summary>
/// A language model that always wants one shell command and then has done: it speaks the streaming APIs of three vendors, two of one of them, so
/// that the clients themselves do what they would do for a real one.
/// </summary>
internal static class ScriptedModel
{
    private const string ClaudeShell = "Bash";
    private const string Shell = "run_shell_command"; // Gemini CLI's name, and Qwen Code's
    private const string CopilotShell = "bash";
    private const string CodexShell = "exec_command";

    /// <summary>What a request holds once the client has a result, or a denial, for the model.</summary>
    private static readonly string[] s_results = ["\"tool_result\"", "\"role\":\"tool\"", "\"functionResponse\"", "\"function_call_output\""];

    public static Task<FakeRemote> StartAsync(string command) => FakeRemote.StartAsync((http, asked) => AnswerAsync(http, asked, command));

    /// <summary>What the model was told of its command.</summary>
    public static string Told(FakeRemote model) => model.Requests.Last(r => IsTold(r.Body)).Body;

    private static bool IsTold(string body) => s_results.Any(r => body.Contains(r, StringComparison.Ordinal));

    private static Task AnswerAsync(HttpContext http, Arrived asked, string command)
    {
        var shell = ((string[])[ClaudeShell, Shell, CopilotShell, CodexShell]).FirstOrDefault(name => asked.Body.Contains($"\"name\":\"{name}\"", StringComparison.Ordinal));
        var wants = shell is not null && !IsTold(asked.Body);
        var arguments = new JsonObject { ["command"] = command, ["description"] = "what the model wants" };
        string[]? events = asked.Path switch
        {
            "/v1/messages" => Anthropic(wants, arguments),
            "/v1/chat/completions" => OpenAi(wants, shell, arguments),
            "/v1/responses" => Responses(wants, command),
            _ when asked.Path.EndsWith(":streamGenerateContent", StringComparison.Ordinal) => Google(wants, arguments),
            _ => null,
        };
        if (events is null)
            return FakeRemote.JsonAsync(http, "{}", status: 404);
        http.Response.ContentType = "text/event-stream";
        return http.Response.WriteAsync(string.Concat(events));
    }

    private static string[] Anthropic(bool wants, JsonObject arguments)
    {
        var block = wants ? $$$"""{"type":"tool_use","id":"toolu_1","name":"{{{ClaudeShell}}}","input":{}}""" : """{"type":"text","text":""}""";
        var delta = wants
            ? new JsonObject { ["type"] = "input_json_delta", ["partial_json"] = arguments.ToJsonString() }
            : new JsonObject { ["type"] = "text_delta", ["text"] = "done" };
        return
        [
            Event("message_start", """{"type":"message_start","message":{"id":"m","type":"message","role":"assistant","model":"scripted","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":1,"output_tokens":1}}}"""),
            Event("content_block_start", $$$"""{"type":"content_block_start","index":0,"content_block":{{{block}}}}"""),
            Event("content_block_delta", $$$"""{"type":"content_block_delta","index":0,"delta":{{{delta.ToJsonString()}}}}"""),
            Event("content_block_stop", """{"type":"content_block_stop","index":0}"""),
            Event("message_delta", $$$"""{"type":"message_delta","delta":{"stop_reason":"{{{(wants ? "tool_use" : "end_turn")}}}","stop_sequence":null},"usage":{"output_tokens":1}}"""),
            Event("message_stop", """{"type":"message_stop"}"""),
        ];
    }

    private static string[] OpenAi(bool wants, string? shell, JsonObject arguments)
    {
        if (shell == Shell)
            arguments["is_background"] = false;
        var call = new JsonObject { ["index"] = 0, ["id"] = "call_1", ["type"] = "function", ["function"] = new JsonObject { ["name"] = shell, ["arguments"] = arguments.ToJsonString() } };
        var delta = wants
            ? new JsonObject { ["role"] = "assistant", ["content"] = null, ["tool_calls"] = new JsonArray(call) }
            : new JsonObject { ["role"] = "assistant", ["content"] = "done" };
        return [Chunk(delta, null), Chunk([], wants ? "tool_calls" : "stop"), "data: [DONE]\n\n"];

        static string Chunk(JsonObject delta, string? finish) => Event(null, new JsonObject
        {
            ["id"] = "c",
            ["object"] = "chat.completion.chunk",
            ["created"] = 1,
            ["model"] = "scripted",
            ["choices"] = new JsonArray(new JsonObject { ["index"] = 0, ["delta"] = delta, ["finish_reason"] = finish }),
        }.ToJsonString());
    }

    private static string[] Responses(bool wants, string command)
    {
        var item = wants
            ? new JsonObject { ["type"] = "function_call", ["id"] = "f", ["call_id"] = "call_1", ["name"] = CodexShell, ["arguments"] = new JsonObject { ["cmd"] = command }.ToJsonString() }
            : new JsonObject { ["type"] = "message", ["id"] = "m", ["role"] = "assistant", ["content"] = new JsonArray(new JsonObject { ["type"] = "output_text", ["text"] = "done" }) };
        return
        [
            Event("response.created", """{"type":"response.created","response":{"id":"r"}}"""),
            Event("response.output_item.done", $$$"""{"type":"response.output_item.done","output_index":0,"item":{{{item.ToJsonString()}}}}"""),
            Event("response.completed", """{"type":"response.completed","response":{"id":"r","usage":{"input_tokens":1,"output_tokens":1,"total_tokens":2}}}"""),
        ];
    }

    private static string[] Google(bool wants, JsonObject arguments)
    {
        var part = wants ? new JsonObject { ["functionCall"] = new JsonObject { ["name"] = Shell, ["args"] = arguments } } : new JsonObject { ["text"] = "done" };
        return [Event(null, $$$"""{"candidates":[{"content":{"role":"model","parts":[{{{part.ToJsonString()}}}]},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":1,"candidatesTokenCount":1,"totalTokenCount":2},"modelVersion":"scripted"}""")];
    }

    private static string Event(string? name, string data) => (name is null ? "" : $"event: {name}\n") + $"data: {data}\n\n";
}
