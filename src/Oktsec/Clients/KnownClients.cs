using Oktsec.Clients.Known;

namespace Oktsec.Clients;

/// <summary>The clients we find and wrap: one line each.</summary>
internal static class KnownClients
{
    public static readonly IReadOnlyList<Client> All =
    [
        ClaudeCode.Client,
        ClaudeDesktop.Client,
        Cursor.Client,
        VsCode.Client,
        Cline.Client,
        RooCode.Client,
        KiloCode.Client,
        Windsurf.Client,
        Zed.Client,
        Amp.Client,
        Codex.Client,
        GeminiCli.Client,
        QwenCode.Client,
        OpenCode.Client,
        CopilotCli.Client,
        AmazonQ.Client,
        Junie.Client,
        BoltAi.Client,
        Continue.Client,
        LmStudio.Client,
        Goose.Client,
        McPorter.Client,
        Warp.Client,
    ];

    public static Client? Find(string id) => All.FirstOrDefault(c => c.Id.Equals(id, StringComparison.OrdinalIgnoreCase));
}
