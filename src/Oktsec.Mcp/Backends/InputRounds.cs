using System.Collections.Concurrent;
using System.Text.Json;
using Oktsec.Mcp.Envelope;

namespace Oktsec.Mcp.Backends;

/// <summary>Calls that need more input, for agents that know questions as requests: asks the agent, and calls again with its answers.</summary>
/// <remarks>MCP 2026-07-28, Multi Round-Trip Requests, "Client Requirements".</remarks>
internal sealed class InputRounds(IBackend outer, IBackendListener listener, BackendOptions options, TimeProvider time, ModernMeta meta, Task<string> closed)
{
    /// <summary>10 rounds: as many as the official clients go.</summary>
    private const int Most = 10;

    /// <summary>64 questions at once: more than any client shows a person.</summary>
    private const int MostQuestions = 64;

    private const int Failed = -32603;

    private readonly ConcurrentDictionary<long, TaskCompletionSource<RpcMessage>> _asked = new();
    private long _lastId;

    /// <summary>Calls until the result is complete.</summary>
    /// <param name="request">The call, for what it is worth to the agent.</param>
    /// <param name="call">Makes it, with the members that carry input: none at first.</param>
    /// <param name="cancel">The caller's.</param>
    public async Task<RpcMessage> RunAsync(
        BackendRequest request, Func<ReadOnlyMemory<byte>, CancellationToken, Task<RpcMessage>> call, CancellationToken cancel)
    {
        var inputs = ReadOnlyMemory<byte>.Empty;
        for (var round = 0; ; round++)
        {
            var response = await CallAsync(call, inputs, isFirst: round == 0, cancel);
            if (response.Kind is not RpcKind.Response || JsonMembers.Text(response.Span(response.Result), "resultType"u8) != "input_required")
                return response;
            using (response)
            {
                if (round == Most)
                    return Fail($"backend {options.Name} asked for more input {Most} times, and was not answered again");
                var result = response.Memory(response.Result);
                var (answers, refusal) = await AskAllAsync(request, result, cancel);
                if (refusal is not null)
                    return refusal;
                inputs = Inputs(answers, result);
            }
        }
    }

    /// <summary>An answer of the agent, or of whoever answers for it.</summary>
    public void Answer(RpcMessage answer)
    {
        if (RpcIds.TryGetNumber(RpcIds.Unquoted(answer.Span(answer.Id)), out var id) && _asked.TryRemove(id, out var waiting))
            waiting.TrySetResult(answer);
    }

    // From the second round on the backend has seen the call: whether it did anything nobody knows.
    private static async Task<RpcMessage> CallAsync(
        Func<ReadOnlyMemory<byte>, CancellationToken, Task<RpcMessage>> call, ReadOnlyMemory<byte> inputs, bool isFirst, CancellationToken cancel)
    {
        try
        {
            return await call(inputs, cancel);
        }
        catch (BackendUnavailableException e) when (!isFirst && !e.Sent)
        {
            throw new BackendUnavailableException(e.Backend, $"{e.Reason}, after it had asked for input", sent: true, e);
        }
    }

    private async Task<(byte[]? Answers, RpcMessage? Refusal)> AskAllAsync(BackendRequest request, ReadOnlyMemory<byte> result, CancellationToken cancel)
    {
        var range = JsonMembers.Find(result.Span, "inputRequests"u8);
        if (range.IsEmpty)
            return JsonMembers.Find(result.Span, "requestState"u8).IsEmpty ? throw Unusable("it needs input and does not say which") : (null, null);
        var questions = Questions(result.Slice(range.Start, range.Length));
        if (questions.Select(q => Undeclared(q.Method)).FirstOrDefault(c => c is not null) is { } capability)
            return (null, Fail($"backend {options.Name} asks for {capability}, which this agent does not offer"));
        var asked = new List<(long Id, Task<RpcMessage> Answer)>(questions.Count);
        try
        {
            foreach (var question in questions)
                asked.Add(Ask(request, question));
            var all = Task.WhenAll(asked.Select(a => a.Answer));
            var patience = options.CallTimeout > TimeSpan.Zero ? options.CallTimeout : Timeout.InfiniteTimeSpan;
            if (await Task.WhenAny(all, closed).WaitAsync(patience, time, cancel) != all)
                throw new BackendUnavailableException(options.Name, $"{await closed}, after it had asked for input", sent: true);
            return Collect(questions, await all);
        }
        finally
        {
            foreach (var (id, _) in asked)
            {
                if (_asked.TryRemove(id, out _))
                    Withdraw(id);
            }
        }
    }

    private (long Id, Task<RpcMessage> Answer) Ask(BackendRequest request, Question question)
    {
        var id = Interlocked.Increment(ref _lastId);
        var waiting = _asked[id] = new TaskCompletionSource<RpcMessage>(TaskCreationOptions.RunContinuationsAsynchronously);
        var parameters = question.Method is Methods.Elicit ? WithElicitationId(question.Params, id) : question.Params;
        byte[] bytes =
        [
            .. "{\"jsonrpc\":\"2.0\",\"id\":"u8, .. RpcIds.Of(id), .. ",\"method\":"u8, .. JsonText.Quote(question.Method),
            .. parameters.IsEmpty ? [] : (byte[])[.. ",\"params\":"u8, .. parameters.Span], (byte)'}',
        ];
        listener.OnMessage(outer, ModernSession.Local(bytes), request.Origin);
        return (id, waiting.Task);
    }

    // 2025-11-25 requires an id where a URL is to be visited; this revision has none.
    private static ReadOnlyMemory<byte> WithElicitationId(ReadOnlyMemory<byte> parameters, long id) =>
        !parameters.IsEmpty && JsonMembers.Text(parameters.Span, "mode"u8) == "url" && JsonMembers.Find(parameters.Span, "elicitationId"u8).IsEmpty
            ? (byte[])[.. "{\"elicitationId\":\"oktsec-"u8, .. RpcIds.Of(id), .. "\","u8, .. parameters.Span[1..]] : parameters;

    // The call is over, so nobody waits for the answer.
    private void Withdraw(long id) => listener.OnMessage(
        outer, ModernSession.Local((byte[])[.. "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":"u8, .. RpcIds.Of(id), .. "}}"u8]), null);

    private (byte[]? Answers, RpcMessage? Refusal) Collect(List<Question> questions, RpcMessage[] answers)
    {
        var all = new List<byte>();
        for (var i = 0; i < answers.Length; i++)
        {
            var answer = answers[i];
            if (answer.Kind is RpcKind.ErrorResponse) // there is no way to hand the backend an error: the call ends with it
                return (null, ModernSession.Local(RpcReply.Error(
                    "0"u8, Discover.Code(answer.Span(answer.Error)), JsonMembers.Text(answer.Span(answer.Error), "message"u8) ?? "the agent refused to answer")));
            if (all.Count > 0)
                all.Add((byte)',');
            all.AddRange(questions[i].Key.Span);
            all.Add((byte)':');
            all.AddRange(answer.Span(answer.Result));
        }
        return ([.. all], null);
    }

    private string? Undeclared(string method) => method switch
    {
        Methods.CreateMessage when !meta.Declares("sampling"u8) => "sampling",
        Methods.Elicit when !meta.Declares("elicitation"u8) => "elicitation",
        Methods.RootsList when !meta.Declares("roots"u8) => "roots",
        _ => null,
    };

    /// <summary>The members of the next round: the answers by the keys of the questions, and the backend's state as it spelled it.</summary>
    private static byte[] Inputs(byte[]? answers, ReadOnlyMemory<byte> result)
    {
        var state = JsonMembers.Find(result.Span, "requestState"u8);
        return
        [
            .. answers is null ? [] : (byte[])[.. "\"inputResponses\":{"u8, .. answers, (byte)'}'],
            .. answers is null || state.IsEmpty ? ""u8 : ","u8,
            .. state.IsEmpty ? [] : (byte[])[.. "\"requestState\":"u8, .. result.Span.Slice(state.Start, state.Length)],
        ];
    }

    private List<Question> Questions(ReadOnlyMemory<byte> requests)
    {
        var questions = new List<Question>();
        var reader = new Utf8JsonReader(requests.Span, JsonMembers.AnyDepth);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            throw Unusable("its inputRequests is no object");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = requests.Slice((int)reader.TokenStartIndex, reader.ValueSpan.Length + 2);
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            var question = requests[start..(int)reader.BytesConsumed];
            var parameters = JsonMembers.Find(question.Span, "params"u8);
            if (JsonMembers.Text(question.Span, "method"u8) is not { } method || method is not (Methods.CreateMessage or Methods.Elicit or Methods.RootsList)
                || (!parameters.IsEmpty && question.Span[parameters.Start] != '{'))
                throw Unusable("it asks for an input of a kind that does not exist");
            questions.Add(new Question(key, method, question.Slice(parameters.Start, parameters.Length)));
            if (questions.Count > MostQuestions)
                throw Unusable($"it asks for more than {MostQuestions} inputs at once");
        }
        return questions;
    }

    private static RpcMessage Fail(string text) => ModernSession.Local(RpcReply.Error("0"u8, Failed, text));

    private BackendUnavailableException Unusable(string reason) => new(options.Name, $"its response was refused: {reason}", sent: true);

    /// <param name="Key">As the backend spelled it, quotes included.</param>
    private sealed record Question(ReadOnlyMemory<byte> Key, string Method, ReadOnlyMemory<byte> Params);
}
