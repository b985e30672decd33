using Oktsec.Hook;

namespace Oktsec.Clients.Known;

internal static class GeminiCli
{
    private static readonly EntryShape s_shape = new() { Urls = ["httpUrl", "url"] };

    public static readonly Client Client = new("gemini", "Gemini CLI",
        Place.User(m => [m.InHome(".gemini", "settings.json")]) with { Shape = s_shape },
        Place.Project(m => [m.InProject(".gemini", "settings.json")]) with { Shape = s_shape })
    {
        Hooks = new HookPlace(m => m.InHome(".gemini", "settings.json"), HookFormat.Gemini.Client, ["BeforeTool", "AfterTool"]) { EveryTool = ".*" }, // a regular expression
    };
}
