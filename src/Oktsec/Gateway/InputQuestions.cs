using System.Text.Json;
using Oktsec.Mcp.Envelope;

namespace Oktsec.Gateway;

/// <summary>
/// What a message of 2026-07-28 asks the user or the model without being a request: <c>inputRequests</c> of a result (Multi Round-Trip Requests, and the state of
/// a task) or of <c>notifications/tasks</c>. It is judged and recorded as the requests it stands for.
/// </summary>
internal static class InputQuestions
{
    /// <summary>64 at once, as for agents with sessions: more than any client shows a person, and each has a record.</summary>
    public const int Most = 64;

    public static string TooMany { get; } = $"it asks for more than {Most} inputs at once";

    /// <summary>Whether the result of a response, or the params of a notification of a task, asks for something; whatever type they say they are of.</summary>
    public static bool Asks(RpcMessage message) => !Place(message).IsEmpty;

    public static bool AreTooMany(RpcMessage message) => Of(message).Count > Most;

    /// <summary>The methods of the questions; empty text for what names none.</summary>
    public static IReadOnlyList<string> Of(RpcMessage message)
    {
        var place = Place(message);
        if (place.IsEmpty || message.Bytes.Span[place.Start] != '{')
            return [];
        var methods = new List<string>();
        var questions = message.Span(place);
        var reader = new Utf8JsonReader(questions, JsonMembers.AnyDepth);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName && methods.Count <= Most)
        {
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            methods.Add(JsonMembers.Text(questions[start..(int)reader.BytesConsumed], "method"u8) ?? "");
        }
        return methods;
    }

    private static ByteRange Place(RpcMessage message)
    {
        var parent = message.Kind == RpcKind.Response ? message.Result : message.Method == Methods.TaskChanged ? message.Params : default;
        return parent.IsEmpty || message.Bytes.Span[parent.Start] != '{' ? default
            : JsonMembers.Find(message.Span(parent), "inputRequests"u8) is { IsEmpty: false } range ? range with { Start = parent.Start + range.Start } : default;
    }
}
