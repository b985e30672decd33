namespace Oktsec.Tests.Peers;

/// <summary>A third client: what MCP Inspector prints through the gateway is what it prints directly.</summary>
public sealed class InspectorTests
{
    private static readonly string[][] Questions =
    [
        ["tools/list"],
        ["resources/list"],
        ["resources/templates/list"],
        ["prompts/list"],
        ["tools/call", "--tool-name", "get-sum", "--tool-arg", "a=1.5", "--tool-arg", "b=2"],
        ["tools/call", "--tool-name", "get-sum", "--tool-arg", "a=wrong"],
        ["tools/call", "--tool-name", "get-structured-content", "--tool-arg", "location=Chicago"],
        ["tools/call", "--tool-name", "get-tiny-image"],
        ["resources/read", "--uri", "demo://resource/static/document/features.md"],
        ["prompts/get", "--prompt-name", "args-prompt", "--prompt-args", "city=Reykjavík"],
    ];

    [Fact]
    public async Task Everything_ThroughTheGateway_PrintsTheSame()
    {
        var target = (await PeerServers.EverythingAsync("stdio")).Target;
        await using var gateway = await GatewayProcess.StartAsync([("everything", target)]);
        foreach (var question in Questions)
        {
            var direct = Inspector.AskAsync(target, question[0], question[1..]);
            var through = Inspector.AskAsync(gateway.As("inspector"), question[0], question[1..]);
            Assert.Equal(Normalizer.ToText(await direct), Normalizer.ToText(await through));
            Assert.Null((await through)["exit"]);
        }
    }
}
