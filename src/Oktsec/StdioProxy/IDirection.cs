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
