namespace Oktsec.Mcp.Backends;

/// <summary>Which of the two kinds of MCP a server speaks (MCP 2026-07-28, Versioning, "Terminology").</summary>
internal enum Era : byte
{
    Unknown,

    /// <summary>2025-11-25 and earlier: a session that initialize opens.</summary>
    Legacy,

    /// <summary>2026-07-28: every request speaks for itself.</summary>
    Modern,
}

/// <summary>What was found out about one backend and holds for all connections to it: its era, and which arguments its tools want as headers.</summary>
/// <remarks>Kept in memory only; forgotten when the backend no longer behaves so. Thread safe.</remarks>
public sealed class EraMemory
{
    private volatile Era _era;

    internal Era Era => _era;

    internal ToolHeaders Headers { get; } = new();

    internal void Remember(Era era) => _era = era;

    internal void Forget() => _era = Era.Unknown;
}
