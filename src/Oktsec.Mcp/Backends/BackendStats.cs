namespace Oktsec.Mcp.Backends;

/// <summary>What a connection knows of itself, for status and metrics.</summary>
/// <param name="Pid">The child process; null for remote backends.</param>
/// <param name="InFlight">Requests that wait for a response; not the stream of changes, which is answered at its end.</param>
/// <param name="Refused">Messages that were refused: malformed or too large.</param>
/// <param name="Noise">Lines on a child's stdout that were no JSON, and were ignored.</param>
/// <param name="LastNoise">The last of them, cut short. Untrusted text.</param>
/// <param name="LateResponses">Responses that came after their caller had gone, or that nobody asked for.</param>
/// <param name="Stderr">The last 64 KiB of a child's stderr. Untrusted text, control characters and all.</param>
public sealed record BackendStats(int? Pid, int InFlight, long Refused, long Noise, string? LastNoise, long LateResponses, string Stderr)
{
    public static BackendStats None { get; } = new(null, 0, 0, 0, null, 0, "");
}
