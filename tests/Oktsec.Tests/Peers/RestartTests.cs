using Oktsec.Tests.Gateway;
using Oktsec.Tests.Gateway.Healing;

namespace Oktsec.Tests.Peers;

/// <summary>The reference server, which answers 400 to a session it does not know, ends and comes back: the agents' sessions go on.</summary>
public sealed class RestartTests
{
    [Theory]
    [InlineData("http", false)]
    [InlineData("http", true)]
    [InlineData("sse", false)]
    [InlineData("sse", true)]
    public async Task ReferenceServer_ThatRestarts_IsSpokenToInANewSession(string transport, bool isStateless)
    {
        var server = await PeerServers.EverythingAsync(transport);
        try
        {
            await using var gateway = await TestGateway.StartAsync($"mcp_servers:\n  everything:\n    transport: {transport}\n    url: {server.Target.Url}\n");
            using var agent = await ConnectAsync(gateway, isStateless);
            Assert.Equal("Echo: before", (await agent.EchoAsync("before")).Text);
            for (var i = 0; i < 2; i++)
            {
                await server.DisposeAsync();
                server = await PeerServers.EverythingAsync(transport, server.Process!.Port);
                var answer = await agent.EchoAsync($"after {i}");
                if (answer.IsToolError) // it was on a kept connection whose end had not been seen
                {
                    Assert.StartsWith("blocked by oktsec: outcome_unknown", answer.Text);
                    answer = await agent.EchoAsync($"after {i}");
                }
                Assert.Equal($"Echo: after {i}", answer.Text);
            }
        }
        finally
        {
            await server.DisposeAsync();
        }
    }

    private static async Task<Visitor> ConnectAsync(TestGateway gateway, bool isStateless)
    {
        if (isStateless)
            return new Visitor(new Oktsec.Tests.Gateway.Stateless.StatelessAgent(gateway));
        var agent = gateway.Agent();
        await agent.InitializeAsync(version: "2025-11-25");
        return new Visitor(agent);
    }
}
