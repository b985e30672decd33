namespace Oktsec.Clients.Known;

/// <summary>macOS only.</summary>
internal static class BoltAi
{
    public static readonly Client Client = new("boltai", "BoltAI",
        Place.User(m => m.Kind == MachineKind.MacOs ? [m.InHome(".boltai", "mcp.json")] : []))
    {
        SpeaksHttp = false,
    };
}
