namespace Oktsec.Clients.Known;

/// <summary>Program and arguments are one list.</summary>
internal static class OpenCode
{
    public static readonly EntryShape Shape = new() { Args = null, Env = "environment", Urls = ["url"], LocalType = "local", RemoteType = "remote" };

    public static readonly IReadOnlyList<IReadOnlyList<string>> Lists = [["mcp"]];

    public static readonly Client Client = new("opencode", "OpenCode",
        Place.User(m => [m.InDotConfig("opencode", "opencode.json"), m.InDotConfig("opencode", "opencode.jsonc"), m.InDotConfig("opencode", "config.json")]) with { Shape = Shape, Lists = Lists },
        Place.Project(m => [m.InProject("opencode.json"), m.InProject("opencode.jsonc")]) with { Shape = Shape, Lists = Lists });
}
