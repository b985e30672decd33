using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Oktsec.Core.Pipeline;
using Oktsec.Mcp.Envelope;
using Oktsec.Mcp.Http;

namespace Oktsec.Gateway.Stateless;

/// <summary>Makes the answer of a backend of an earlier revision one of 2026-07-28: a few bytes are put in, none is taken away.</summary>
internal sealed class StatelessResult(RequestStates states)
{
    private const int ResourceNotFound = -32002; // MCP 2026-07-28, Overview, "Error Codes": MUST NOT be emitted; -32602 took its place

    private const int UrlElicitationRequired = -32042; // of 2025-11-25 only; the same

    /// <summary>What this revision gives a meaning to in an answer.</summary>
    public static ResultMembers MembersOf(RpcMessage response) =>
        response.Kind == RpcKind.Response && response.Span(response.Result)[0] == '{' ? ResultMembers.Read(response.Bytes.Span, response.Result) : default;

    /// <summary>Edits an answer; returns the HTTP status to send it with.</summary>
    /// <param name="edits">Those of <paramref name="decision"/>; more are put in.</param>
    /// <param name="x">The request.</param>
    /// <param name="response">The backend's answer to it.</param>
    /// <param name="members">What <see cref="MembersOf"/> found in it.</param>
    /// <param name="decision">What was decided of it.</param>
    public int Complete(List<Edit> edits, Exchange x, RpcMessage response, ResultMembers members, Decision decision)
    {
        if (response.Kind == RpcKind.ErrorResponse)
            return Error(edits, x, response, decision);
        if (response.Bytes.Span[response.Result.Start] != '{')
            return StatusCodes.Status200OK;
        Complete(edits, x.Message.Method, response.Result, members);
        // The extension io.modelcontextprotocol/tasks: a task is fetched later, as the result of its tool.
        if (!members.TaskId.IsEmpty && JsonText.TryDecode(response.Span(members.ResultType)) == "task" && response.Span(members.TaskId)[0] == '"')
            TaskIds.Expose(edits, x.Session, response, members.TaskId, x.Call.Target.Backend, x.Call.Target);
        // A state that another agent, or another request of this one, could bring back would be worth something to them.
        if (members.IsInputRequired && JsonText.TryDecode(response.Span(members.RequestState)) is { } state)
        {
            if (TryNote(x, StateKind.OfBackend, state) is { } note)
                Outgoing.Put(edits, members.RequestState, JsonText.Quote(note));
            else
                Replace(edits, response, "result"u8, TooOften);
        }
        return StatusCodes.Status200OK;
    }

    /// <summary>The same for an answer that is ours already, a list's.</summary>
    public static (byte[] Answer, int Status) Complete(string method, byte[] answer)
    {
        var edits = new List<Edit>();
        if (JsonMembers.Find(answer, "result"u8) is { IsEmpty: false } result)
            Complete(edits, method, result, ResultMembers.Read(answer, result));
        else if (JsonMembers.Find(answer, "error"u8) is { IsEmpty: false } error && Code(answer, error, out _) == RequestRefusal.MethodNotFound)
            return (answer, StatusCodes.Status404NotFound);
        return (edits.Count == 0 ? answer : Splice.ToArray(answer, edits.ToArray()), StatusCodes.Status200OK);
    }

    private static void Complete(List<Edit> edits, string method, ByteRange result, ResultMembers members)
    {
        var isCacheable = members.IsComplete && (method == Methods.ResourcesRead || ListKind.OfMethod(method) is not null);
        var text = "";
        if (members.ResultType.IsEmpty)
            text = "\"resultType\":\"complete\",";
        // Utilities, "Caching": how long it stays fresh is the backend's to say, and unknown where it says nothing.
        if (isCacheable && members.TtlMs.IsEmpty)
            text += "\"ttlMs\":0,";
        if (isCacheable && members.CacheScope.IsEmpty)
            text += "\"cacheScope\":\"private\",";
        else if (isCacheable) // What one agent may see is no other's business, whoever keeps it.
            Outgoing.Put(edits, members.CacheScope, "\"private\""u8.ToArray());
        if (text.Length > 0)
            Outgoing.Put(edits, new ByteRange(result.Start + 1, 0), Encoding.ASCII.GetBytes(members.IsEmpty ? text[..^1] : text));
    }

    // Streamable HTTP: an unknown method and a missing capability show in the status too, whoever found it out.
    private int Error(List<Edit> edits, Exchange x, RpcMessage response, Decision decision)
    {
        switch (Code(response.Bytes.Span, response.Error, out var range))
        {
            case ResourceNotFound:
                Outgoing.Put(edits, range, RpcIds.Of(RequestRefusal.InvalidParams));
                return StatusCodes.Status200OK;
            case UrlElicitationRequired when Question.MayInterrupt(x.Message.Method):
                return Visit(edits, x, response, decision);
            case RequestRefusal.MethodNotFound:
                return StatusCodes.Status404NotFound;
            case RequestRefusal.MissingClientCapability:
                return StatusCodes.Status400BadRequest;
            default:
                return StatusCodes.Status200OK;
        }
    }

    // Pages to visit before the call makes sense: questions of this revision, after which the call is made anew.
    private int Visit(List<Edit> edits, Exchange x, RpcMessage response, Decision decision)
    {
        if (!ClientFeatures.Of(x.Message).ElicitationUrl)
        {
            Outgoing.Put(edits, response.Error, InputRequired.LackingError("""{"elicitation":{"url":{}}}"""));
            return StatusCodes.Status400BadRequest;
        }
        var questions = new List<Question>();
        foreach (var item in UrlElicitations(response))
            questions.Add(new Question(null!, default, Methods.Elicit, Outgoing.Slice(response, decision, item), 0) { Key = $"q{questions.Count + 1}" });
        Replace(edits, response, "error"u8, TryNote(x, StateKind.Again, "") is { } note ? [.. "\"result\":"u8, .. InputRequired.Of(questions, note)] : TooOften);
        return StatusCodes.Status200OK;
    }

    // Null after the last round. The note counts them, since nothing else knows that this request is one of several.
    private string? TryNote(Exchange x, StateKind kind, string content)
    {
        var binding = RequestStates.Binding(x.Call.Principal, x.Message);
        var round = x.Message.RequestState.IsEmpty || JsonText.TryDecode(x.Message.Span(x.Message.RequestState)) is not { } before ? 0
            : states.Read(before, binding) is { Content: [var last, ..] } ? last : 0;
        return round >= StatelessCall.MostRounds ? null : states.Write(kind, [(byte)(round + 1), .. Encoding.UTF8.GetBytes(content)], binding);
    }

    private static byte[] TooOften => [.. "\"error\":{\"code\":-32603,\"message\":\"the backend asked more than "u8, .. RpcIds.Of(StatelessCall.MostRounds), .. " times\"}"u8];

    private static void Replace(List<Edit> edits, RpcMessage response, ReadOnlySpan<byte> member, byte[] replacement)
    {
        var place = JsonMembers.FindWhole(response.Bytes.Span, member);
        var before = response.Bytes.Span[place.Start] == ',' ? ","u8 : ""u8;
        var after = response.Bytes.Span[place.End - 1] == ',' ? ","u8 : ""u8;
        Outgoing.Put(edits, place, (byte[])[.. before, .. replacement, .. after]);
    }

    private static List<ByteRange> UrlElicitations(RpcMessage response)
    {
        var found = new List<ByteRange>();
        var data = JsonMembers.Find(response.Span(response.Error), "data"u8);
        var start = response.Error.Start + data.Start;
        var list = data.IsEmpty ? default : JsonMembers.Find(response.Bytes.Span.Slice(start, data.Length), "elicitations"u8);
        if (list.IsEmpty || response.Bytes.Span[start + list.Start] != '[')
            return found;
        start += list.Start;
        var reader = new Utf8JsonReader(response.Bytes.Span.Slice(start, list.Length), JsonMembers.AnyDepth);
        reader.Read();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var from = (int)reader.TokenStartIndex;
            var isObject = reader.TokenType == JsonTokenType.StartObject;
            reader.Skip();
            if (isObject)
                found.Add(new ByteRange(start + from, (int)reader.BytesConsumed - from));
        }
        return found;
    }

    private static long Code(ReadOnlySpan<byte> bytes, ByteRange error, out ByteRange range)
    {
        var code = JsonMembers.Find(bytes.Slice(error.Start, error.Length), "code"u8);
        range = code with { Start = error.Start + code.Start };
        return RpcIds.TryGetNumber(bytes.Slice(range.Start, range.Length), out var number) ? number : 0;
    }
}
