using Oktsec.Core.Pipeline;

namespace Oktsec.StdioProxy;

/// <summary>One of the two directions: from the agent, from the server.</summary>
internal interface IDirection
{
    /// <summary>Where it leads.</summary>
    ByteSink Out { get; }

    /// <summary>Bytes beyond which a line is not judged.</summary>
    int MaxLine { get; }

    /// <summary>Judges, records and forwards one line that is not blank.</summary>
    ValueTask HandleAsync(RawLine line, ProxyPolicies policies);

    /// <summary>A piece of a line over the cap.</summary>
    ValueTask HandleLongAsync(RawLine piece, ProxyPolicies policies);

    /// <summary>Answers for a line whose handling failed; it was not forwarded.</summary>
    ValueTask FailAsync(RawLine line);
}

/// <summary>The direction from a server that may be out of reach.</summary>
internal interface IServerDirection : IDirection
{
    /// <summary>A request gets no answer: recorded, and the agent is told why.</summary>
    /// <param name="id">The raw token of its id.</param>
    /// <param name="failure">Backend unavailable, or outcome unknown; its detail is for people.</param>
    ValueTask UnansweredAsync(byte[] id, Decision failure, ProxyPolicies policies);
}
