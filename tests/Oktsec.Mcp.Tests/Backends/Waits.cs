namespace Oktsec.Mcp.Tests.Backends;

/// <summary>Bounds, so that a test that goes wrong ends; none of them is waited for when it goes right.</summary>
internal static class Waits
{
    public static TimeSpan Long { get; } = TimeSpan.FromMinutes(5);
}
