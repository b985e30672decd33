namespace Oktsec.Mcp.Tests.Backends;

/// <summary>Where the scripted MCP server stands.</summary>
internal static class TestServer
{
    /// <summary>bin/CONFIGURATION/net10.0 of this project and of that one differ only in the project.</summary>
    public static string Assembly { get; } = Path.GetFullPath(Path.Combine(
        AppContext.BaseDirectory.Replace("Oktsec.Mcp.Tests", "Oktsec.TestServer", StringComparison.Ordinal), "Oktsec.TestServer.dll"));
}
