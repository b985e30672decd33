using Oktsec.Core.Pipeline;
using Oktsec.Mcp.Envelope;

namespace Oktsec.Gateway.Stateless;

/// <summary>Takes an agent's answers out of the request that brings them.</summary>
internal static class InputAnswers
{
    /// <summary>The answers to the open questions, as spelled and with the redactions of the request; null when they are not what answers must be.</summary>
    /// <remarks>What answers no question is ignored, what is missing is asked again ("Error Handling").</remarks>
    public static IReadOnlyList<(Question Question, ReadOnlyMemory<byte> Answer)>? Read(RpcMessage message, Decision decision, IReadOnlyList<Question> questions)
    {
        if (message.InputResponses.IsEmpty)
            return [];
        var responses = message.Span(message.InputResponses);
        if (responses[0] != '{')
            return null;
        var answers = new List<(Question, ReadOnlyMemory<byte>)>();
        foreach (var question in questions)
        {
            var range = JsonMembers.Find(responses, System.Text.Encoding.UTF8.GetBytes(question.Key));
            if (range.IsEmpty)
                continue;
            if (responses[range.Start] != '{')
                return null;
            answers.Add((question, Outgoing.Slice(message, decision, range with { Start = message.InputResponses.Start + range.Start })));
        }
        return answers;
    }
}
