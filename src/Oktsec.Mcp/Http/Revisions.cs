namespace Oktsec.Mcp.Http;

/// <summary>The protocol revisions spoken towards agents, newest first.</summary>
public static class Revisions
{
    /// <summary>The first revision without sessions: each request says for itself who sends it and what it can do.</summary>
    public const string Stateless = "2026-07-28";

    /// <summary>The last revision with sessions.</summary>
    public const string Latest = "2025-11-25";

    /// <summary>What a missing <c>MCP-Protocol-Version</c> header means (MCP 2025-06-18, Transports, "Protocol Version Header").</summary>
    public const string Assumed = "2025-03-26";

    /// <summary>Revisions with sessions. 2024-11-05 is one whose own transport was HTTP+SSE; its clients also come over Streamable HTTP.</summary>
    public static IReadOnlyList<string> Supported { get; } = [Latest, "2025-06-18", "2025-03-26", "2024-11-05"];

    /// <summary>Whether its clients take up a stream that opened with an event without data (MCP 2025-11-25, Transports; earlier ones read it as broken JSON).</summary>
    public static bool HasResumption(string revision) => string.CompareOrdinal(revision, "2025-11-25") >= 0;

    /// <summary>The revision a session speaks: the one asked for when we know it, else our latest (MCP 2025-11-25, Lifecycle, "Version Negotiation").</summary>
    public static string Negotiate(string? asked) => asked is not null && Supported.Contains(asked) ? asked : Latest;
}
