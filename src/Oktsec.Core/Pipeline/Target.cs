namespace Oktsec.Core.Pipeline;

public enum TargetKind : byte
{
    /// <summary>The message names no tool, prompt or resource.</summary>
    None,
    Tool,
    Prompt,
    Resource,
}

/// <summary>What a message is for: a tool, prompt or resource of a backend.</summary>
/// <param name="Kind">Which of the three, or none.</param>
/// <param name="Name">The exposed name or URI, as the agent knows it.</param>
/// <param name="Backend">The backend that owns it; empty when nothing by that name exists.</param>
/// <param name="OwnName">The backend's own name for it.</param>
/// <param name="IsOwnNameUnique">Whether no other backend has something by that own name.</param>
public sealed record Target(TargetKind Kind, string Name, string Backend, string OwnName, bool IsOwnNameUnique)
{
    public static Target None { get; } = new(TargetKind.None, "", "", "", true);

    public bool Exists => Kind == TargetKind.None || Backend.Length > 0;

    /// <summary>A name nobody offers.</summary>
    public static Target Missing(TargetKind kind, string name) => new(kind, name, "", "", true);
}
