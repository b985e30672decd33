using System.Text.Json.Nodes;

namespace Oktsec.Tests.Peers;

public sealed class FallbackTests
{
    [Fact]
    public async Task Client_OpeningWithTheNewestRevision_FallsBackAndWorks()
    {
        var server = await PeerServers.EverythingAsync("stdio");
        await using var gateway = await GatewayProcess.StartAsync([("everything", server.Target)]);

        await using var client = await CsharpClient.ConnectAsync(gateway.As("peer"), new Uri("file:///srv/project"), protocolVersion: null);
        var echo = await client.AskAsync("tools/call", new JsonObject { ["name"] = "echo", ["arguments"] = new JsonObject { ["message"] = "hello" } });

        Assert.Equal("2025-11-25", (string?)client.Initialize["protocolVersion"]);
        Assert.Equal("Echo: hello", (string?)echo.Result!["content"]![0]!["text"]);
    }
}
