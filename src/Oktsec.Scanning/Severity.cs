namespace Oktsec.Scanning;

/// <summary>A finding's weight. Low is recorded only; medium flags; high quarantines; critical blocks (before overrides).</summary>
public enum Severity : byte
{
    Low,
    Medium,
    High,
    Critical,
}
