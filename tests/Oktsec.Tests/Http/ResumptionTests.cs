namespace Oktsec.Tests.Http;

/// <summary>An agent of 2025-11-25 that lost the stream of a call gets the rest of it by GET.</summary>
public sealed class ResumptionTests(FrontFixture front) : IClassFixture<FrontFixture>
{
    [Fact]
    public async Task Stream_LostBeforeTheAnswer_IsTakenUpAgain()
    {
        var agent = await front.OpenAsync();
        var opening = await LoseAsync(agent, "lost");
        Assert.Equal(["retry: 1000", "data:"], opening[1..]);

        using var again = await RawHttp.ConnectAsync(front.Gateway.Port);
        await again.SendAsync(agent.Get().Adding("Last-Event-ID", Id(opening)).ToBytes());
        Assert.Equal(200, (await again.ReceiveHeadAsync()).Status);
        await ReleaseAsync(agent, "lost");

        Assert.Contains("held until released", await again.NextEventAsync(), StringComparison.Ordinal);
        Assert.Null(await again.NextEventAsync()); // it ends with the answer
    }

    [Fact]
    public async Task Stream_LostAndAnsweredMeanwhile_IsGivenAsOftenAsAskedFor()
    {
        var agent = await front.OpenAsync();
        var opening = await LoseAsync(agent, "meanwhile");
        await ReleaseAsync(agent, "meanwhile");
        await agent.ReceivedAsync();
        for (var i = 0; i < 2; i++)
        {
            var rest = await agent.SendAsync(agent.Get().Adding("Last-Event-ID", Id(opening)));
            Assert.Equal(200, rest.Status);
            Assert.Contains("held until released", rest.Body, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("999-0")]
    [InlineData("1")]
    [InlineData("-")]
    [InlineData("1--1")]
    [InlineData("99999999999999999999-1")]
    public async Task EventId_OfNoStream_IsRefused(string id)
    {
        var agent = await front.OpenAsync();
        Assert.Equal(400, (await agent.SendAsync(agent.Get().Adding("Last-Event-ID", id))).Status);
    }

    [Fact]
    public async Task Stream_OfAnotherSession_IsNotGiven()
    {
        var (owner, thief) = (await front.OpenAsync(), await front.OpenAsync());
        var opening = await LoseAsync(owner, "owned");
        await ReleaseAsync(owner, "owned");
        Assert.Equal(400, (await thief.SendAsync(thief.Get().Adding("Last-Event-ID", Id(opening)))).Status);
        Assert.Equal(403, (await thief.SendAsync(thief.Get().With("Mcp-Session-Id", owner.Session).Adding("Last-Event-ID", Id(opening)))).Status);
    }

    [Fact]
    public async Task Stream_OfAnEarlierRevision_HasNoIds()
    {
        var agent = await front.OpenAsync("2025-06-18");
        using var stream = await RawHttp.ConnectAsync(front.Gateway.Port);
        await stream.SendAsync(agent.Post(Hold("early")).ToBytes());
        Assert.Equal(200, (await stream.ReceiveHeadAsync()).Status);
        await ReleaseAsync(agent, "early");
        Assert.Contains("held until released", await stream.NextEventAsync(), StringComparison.Ordinal);
        Assert.Equal(400, (await agent.SendAsync(agent.Get().Adding("Last-Event-ID", "1-0"))).Status);
    }

    /// <summary>Calls, waits until the answer has become a stream, and leaves; gives the lines of the event that opened it.</summary>
    private async Task<string[]> LoseAsync(FrontAgent agent, string name)
    {
        using var stream = await RawHttp.ConnectAsync(front.Gateway.Port);
        await stream.SendAsync(agent.Post(Hold(name)).ToBytes());
        Assert.Equal(200, (await stream.ReceiveHeadAsync()).Status);
        return await stream.NextLinesAsync();
    }

    private static Task<RawResponse> ReleaseAsync(FrontAgent agent, string name) => agent.SendAsync(agent.Post(
        $$$$"""{"jsonrpc":"2.0","id":9,"method":"tools/call","params":{"name":"release","arguments":{"name":"{{{{name}}}}"}}}"""));

    private static string Hold(string name) =>
        $$$$"""{"jsonrpc":"2.0","id":8,"method":"tools/call","params":{"name":"hold","arguments":{"name":"{{{{name}}}}"}}}""";

    private static string Id(string[] opening)
    {
        Assert.Matches("^id: [0-9]+-0$", opening[0]);
        return opening[0]["id: ".Length..];
    }
}
