namespace Oktsec.Clients.Known;

/// <summary>Until version 5 a relative of Roo Code, since then one of OpenCode.</summary>
internal static class KiloCode
{
    private static readonly EntryShape s_older = new() { LocalType = "stdio", RemoteType = "streamable-http" };

    public static readonly Client Client = new("kilo-code", "Kilo Code",
        Place.User(m => [m.InDotConfig("kilo", "kilo.json"), m.InDotConfig("kilo", "kilo.jsonc")]) with { Shape = OpenCode.Shape, Lists = OpenCode.Lists },
        Place.Project(m => [m.InProject("kilo.json"), m.InProject("kilo.jsonc"), m.InProject(".kilo", "kilo.json"), m.InProject(".kilo", "kilo.jsonc")]) with { Shape = OpenCode.Shape, Lists = OpenCode.Lists },
        Place.User(m => [.. EditorFolders.OfExtension(m, "kilocode.kilo-code", "mcp_settings.json"), m.InHome(".kilocode", "cli", "global", "settings", "mcp_settings.json")]) with { Shape = s_older },
        Place.Project(m => [m.InProject(".kilocode", "mcp.json")]) with { Shape = s_older });
}
