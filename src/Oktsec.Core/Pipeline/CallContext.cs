using Oktsec.Core.Identity;
using Oktsec.Core.Policy;
using Oktsec.Scanning;

namespace Oktsec.Core.Pipeline;

/// <summary>Everything the checks may know about one message. Built by a door; the checks only read it.</summary>
/// <remarks>Findings are the exception: the content scan sets them and the checks after it refine them.</remarks>
public sealed class CallContext
{
    public required PolicySnapshot Policies { get; init; }

    public required Principal Principal { get; init; }

    /// <summary>The policy of the principal; null when policy knows no such agent.</summary>
    public required AgentPolicy? Policy { get; init; }

    /// <summary>MCP method; empty when the message could not be read.</summary>
    public required string Method { get; init; }

    /// <summary>Whether no revision of MCP has the method.</summary>
    public bool IsUnknownMethod { get; init; }

    /// <summary>Whether an answer is expected; notifications and responses count against no limit.</summary>
    public bool IsRequest { get; init; } = true;

    public Target Target { get; init; } = Target.None;

    /// <summary>Why the message was refused by the reader, or null.</summary>
    public string? Malformed { get; init; }

    /// <summary>Why who is calling is not proven although it has to be, or null.</summary>
    public string? Unproven { get; init; }

    public HttpFacts? Http { get; init; }

    /// <summary>The JSON that is scanned: the message, byte for byte as it would be forwarded. Empty when there is nothing to scan.</summary>
    public ReadOnlyMemory<byte> Content { get; init; }

    public Place Place { get; init; } = Place.Arguments;

    public ScanHints Hints { get; init; } = ScanHints.None;

    /// <summary>Monotonic, from <see cref="TimeProvider.GetTimestamp"/>: clock jumps break no limit.</summary>
    public required long Timestamp { get; init; }

    /// <summary>What the scan found; empty until the content scan has run.</summary>
    public IReadOnlyList<JudgedFinding> Findings { get; internal set; } = [];
}

/// <summary>A finding with what is to be done about it here: the rule's own action, then the operator's override, then escalation.</summary>
public sealed record JudgedFinding(Finding Finding, Severity Severity, RuleAction Action);
