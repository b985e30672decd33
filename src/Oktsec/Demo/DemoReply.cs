using System.Text.Json;

namespace Oktsec.Demo;

/// <summary>What an agent sees of one call.</summary>
/// <param name="Text">The text of the result, or the message of the error.</param>
/// <param name="Decision">The gateway's decision word; empty when the server answered.</param>
internal sealed record DemoReply(string Text, bool IsError, string Decision)
{
    public static DemoReply Read(JsonElement message)
    {
        if (message.TryGetProperty("error", out var error))
            return new DemoReply(error.GetProperty("message").GetString() ?? "", IsError: true, Word(error));
        var result = message.GetProperty("result");
        var isError = result.TryGetProperty("isError", out var flag) && flag.ValueKind == JsonValueKind.True;
        var text = result.GetProperty("content").EnumerateArray().Select(c => c.GetProperty("text").GetString()).FirstOrDefault() ?? "";
        return new DemoReply(text, isError, Word(result));
    }

    private static string Word(JsonElement holder) =>
        holder.TryGetProperty("_meta", out var meta)
        && meta.TryGetProperty("oktsec/decision", out var copy)
        && copy.ValueKind == JsonValueKind.Object
        && copy.TryGetProperty("decision", out var word)
            ? word.GetString() ?? ""
            : "";
}
