namespace Oktsec.Clients.Known;

internal static class QwenCode
{
    private static readonly EntryShape s_shape = new() { Urls = ["httpUrl", "url"] };

    public static readonly Client Client = new("qwen", "Qwen Code",
        Place.User(m => [m.InHome(".qwen", "settings.json")]) with { Shape = s_shape },
        Place.Project(m => [m.InProject(".qwen", "settings.json")]) with { Shape = s_shape })
    {
        Hooks = new HookPlace(m => m.InHome(".qwen", "settings.json"), "qwen-code", ["PreToolUse", "PostToolUse"]),
    };
}
