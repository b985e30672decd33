using Oktsec.Clients.Documents;

namespace Oktsec.Clients.Known;

/// <summary>YAML. Beside MCP servers its extensions are parts of itself, which have neither a command nor an address.</summary>
internal static class Goose
{
    public static readonly Client Client = new("goose", "Goose",
        Place.User(m => [m.Kind == MachineKind.Windows ? m.InSettings("Block", "goose", "config", "config.yaml") : m.InDotConfig("goose", "config.yaml")]) with
        {
            Lists = [["extensions"]],
            Shape = new() { Command = "cmd", Env = "envs", Urls = ["uri", "url"], LocalType = "stdio", RemoteType = "streamable_http", Extras = [("name", Node.OfText("oktsec")), ("enabled", Node.OfWord("true"))] },
        });
}
