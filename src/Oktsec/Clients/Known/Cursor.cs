using Oktsec.Hook;

namespace Oktsec.Clients.Known;

internal static class Cursor
{
    // By tool, and by what is done: versions before 2 know only the latter. What both ask is judged twice.
    private static readonly string[] s_events = ["preToolUse", "beforeShellExecution", "beforeMCPExecution", "beforeReadFile", "postToolUse"];

    public static readonly Client Client = new("cursor", "Cursor",
        Place.User(m => [m.InHome(".cursor", "mcp.json")]),
        Place.Project(m => [m.InProject(".cursor", "mcp.json")]))
    {
        Hooks = new HookPlace(m => m.InHome(".cursor", "hooks.json"), HookFormat.Cursor.Client, s_events) { EveryTool = null, Version = "1" },
    };
}
