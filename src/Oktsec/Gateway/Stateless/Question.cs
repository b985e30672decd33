using Oktsec.Mcp.Envelope;

namespace Oktsec.Gateway.Stateless;

/// <summary>What a backend asked, on its way into an <c>inputRequests</c>: judged and recorded already.</summary>
/// <param name="Slot">Who asked.</param>
/// <param name="Id">The backend's id, raw.</param>
/// <param name="Method">sampling/createMessage, elicitation/create or roots/list.</param>
/// <param name="Parameters">The raw params, redacted where they had to be; empty without any.</param>
/// <param name="AskedAt">When (monotonic).</param>
internal sealed record Question(BackendSlot Slot, ReadOnlyMemory<byte> Id, string Method, ReadOnlyMemory<byte> Parameters, long AskedAt)
{
    /// <summary>What it is called in <c>inputRequests</c>; unique within the call.</summary>
    public string Key { get; init; } = "";

    /// <summary>Whether this revision lets a server ask it at all.</summary>
    public static bool IsKnown(string method) => method is Methods.CreateMessage or Methods.Elicit or Methods.RootsList;

    /// <summary>Whether an answer to this request may ask for something first (Multi Round-Trip Requests, "Supported Requests").</summary>
    public static bool MayInterrupt(string method) => method is Methods.ToolsCall or Methods.PromptsGet or Methods.ResourcesRead;
}

/// <summary>Questions that came while no request of the agent could carry them, as servers do right after initialize. Thread safe.</summary>
internal sealed class WaitingQuestions
{
    /// <summary>16: a server asks for roots once when it starts; more is not that.</summary>
    private const int Most = 16;

    private readonly List<Question> _waiting = [];

    public bool TryAdd(Question question)
    {
        lock (_waiting)
        {
            if (_waiting.Count >= Most)
                return false;
            _waiting.Add(question);
            return true;
        }
    }

    /// <summary>Takes out what a backend asked.</summary>
    public Question[] Take(BackendSlot slot) => Take(q => q.Slot == slot);

    /// <summary>Takes out what matches.</summary>
    public Question[] Take(Func<Question, bool> which)
    {
        lock (_waiting)
        {
            if (_waiting.Count == 0)
                return [];
            Question[] taken = [.. _waiting.Where(which)];
            _waiting.RemoveAll(taken.Contains);
            return taken;
        }
    }
}
