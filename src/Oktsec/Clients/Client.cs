namespace Oktsec.Clients;

/// <summary>A program that starts MCP servers, and the places where it keeps lists of them.</summary>
/// <param name="Id">What users type.</param>
/// <param name="Name">What users read.</param>
internal sealed record Client(string Id, string Name, params IReadOnlyList<Place> Places)
{
    /// <summary>Where it runs programs of ours before and after each tool it uses, its own tools included; null when it has no such thing.</summary>
    public HookPlace? Hooks { get; init; }

    /// <summary>Whether remote servers can stand in its files.</summary>
    public bool SpeaksHttp { get; init; } = true;
}
