using static Oktsec.Tests.Gateway.Surfaces.Scripted;

namespace Oktsec.Tests.Gateway.Surfaces;

/// <summary>What agents send, beyond calls and lists: one clean message and one attack for each.</summary>
public sealed class AgentSurfaceTests
{
    private static string Update(string uri) =>
        $$"""  "x-say":[{"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"{{uri}}"} }] """;

    [Theory]
    [InlineData("resources/subscribe")]
    [InlineData("resources/unsubscribe")]
    public async Task Subscription_Clean_ReachesTheBackend(string method)
    {
        await using var gateway = await StartAsync(["{}"]);
        using var agent = await gateway.ConnectAsync();
        var answer = await agent.RequestAsync(method, """{"uri":"test://one"}""");
        Assert.Equal("{}", answer.Result!.ToJsonString());
        Assert.Single(gateway.ReceivedWith("one", method));
        var record = gateway.Records(method).Single();
        Assert.Equal(("test://one", "allow", "allow"), (record.Entry.Target, record.Entry.Decision, record.Outcome!.Decision));
    }

    [Theory]
    [InlineData("resources/subscribe")]
    [InlineData("resources/unsubscribe")]
    public async Task Subscription_HiddenOrInjected_ReachesNoBackend(string method)
    {
        await using var gateway = await StartAsync(["{}"], "agents: { tester: { allowed_resources: ['test://one'] } }");
        using var agent = await gateway.ConnectAsync();
        var hidden = await agent.RequestAsync(method, """{"uri":"test://two"}""");
        Assert.Equal((-32002, "Resource not found: test://two"), (hidden.Error!["code"]!.GetValue<int>(), hidden.Error["message"]!.GetValue<string>()));
        Assert.Equal("tool_not_allowed", gateway.Asked(method)[0].Decision);
        var injected = await agent.RequestAsync(method, $$"""{"uri":"test://one","_meta":{"x":{{Quote(Evil)}} } }""");
        Assert.StartsWith("blocked by oktsec: PI-", injected.Error!["message"]!.GetValue<string>());
        Assert.True(IsDenied(gateway.Asked(method)[0]));
        Assert.Empty(gateway.ReceivedWith("one", method));
    }

    [Fact]
    public async Task Updated_ReachesTheSubscriberOnly()
    {
        await using var gateway = await StartAsync([Tool("touch", Update("test://one"))]);
        using var agent = await gateway.ConnectAsync();
        Assert.Single((await agent.CallAsync("touch")).Messages);
        await agent.RequestAsync("resources/subscribe", """{"uri":"test://one"}""");
        var said = (await agent.CallAsync("touch")).Interim("notifications/resources/updated");
        Assert.Equal("""{"uri":"test://one"}""", said!["params"]!.ToJsonString());
        await agent.RequestAsync("resources/unsubscribe", """{"uri":"test://one"}""");
        Assert.Single((await agent.CallAsync("touch")).Messages);
        Assert.All(gateway.Said("notifications/resources/updated"), e => Assert.Equal(("one", "allow"), (e.Backend, e.Decision)));
        Assert.Equal(3, gateway.Said("notifications/resources/updated").Length);
    }

    [Fact]
    public async Task LogMessage_OfASharedBackend_IsForNobodyWhileTwoAgentsShareIt()
    {
        await using var gateway = await StartAsync(["{}"], shared: true);
        using var alice = await gateway.ConnectAsync("alice");
        using var bob = await gateway.ConnectAsync("bob");
        await alice.ListAsync();
        await bob.ListAsync();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await using var heard = bob.ListenAsync(limit.Token).GetAsyncEnumerator(limit.Token);
        var next = heard.MoveNextAsync();

        Assert.Single((await alice.CallAsync("log", """{"message":"what alice asked for"}""")).Messages);
        await alice.CallAsync("change_tools", """{"definition":{"name":"added","inputSchema":{"type":"object"}}}""");

        Assert.True(await next);
        Assert.Equal("notifications/tools/list_changed", (string?)heard.Current["method"]); // and nothing before it
        Assert.StartsWith("not delivered: ", Assert.Single(gateway.Said("notifications/message")).Detail);
        await alice.DeleteAsync();
        Assert.Equal("bob's own", (string?)(await bob.CallAsync("log", """{"message":"bob's own"}""")).Interim("notifications/message")!["params"]!["data"]);
        await limit.CancelAsync();
    }

    [Fact]
    public async Task Updated_OfAUriThatTwoBackendsHave_NamesTheOneThatChanged()
    {
        await using var gateway = await StartAsync([Tool("touch_one", Update("test://one")), Tool("touch_two", Update("test://one"))]);
        using var agent = await gateway.ConnectAsync();
        await agent.ListAsync();
        await agent.ListAsync("resources/list", "resources", "uri");
        var other = "oktsec://two/" + Uri.EscapeDataString("test://one");
        await agent.RequestAsync("resources/subscribe", """{"uri":"test://one"}""");
        await agent.RequestAsync("resources/subscribe", $$"""{"uri":"{{other}}"}""");
        Assert.Equal("test://one", await UpdatedAsync("touch_one"));
        Assert.Equal(other, await UpdatedAsync("touch_two"));
        await agent.RequestAsync("resources/unsubscribe", """{"uri":"test://one"}""");
        Assert.Null(await UpdatedAsync("touch_one"));
        Assert.Equal(other, await UpdatedAsync("touch_two"));

        async Task<string?> UpdatedAsync(string tool) =>
            (await agent.CallAsync(tool)).Interim("notifications/resources/updated")?["params"]!["uri"]!.GetValue<string>();
    }

    [Fact]
    public async Task Updated_HiddenOrInjected_NeverReachesTheAgent()
    {
        var says = $$"""
            "x-say":[{"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"test://one","note":{{Quote(Evil)}} } },
            {"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"test://two"} }]
            """;
        await using var gateway = await StartAsync([Tool("touch", says)], "agents: { tester: { allowed_resources: ['test://one'] } }");
        using var agent = await gateway.ConnectAsync();
        await agent.RequestAsync("resources/subscribe", """{"uri":"test://one"}""");
        Assert.Single((await agent.CallAsync("touch")).Messages);
        Assert.True(IsDenied(gateway.Said("notifications/resources/updated")[1]));
    }

    [Fact]
    public async Task Progress_OfTheAgent_GoesToTheServerThatAsked()
    {
        var sampling = """{"messages":[{"role":"user","content":{"type":"text","text":"hi"} }],"maxTokens":5,"_meta":{"progressToken":"asked-1"} }""";
        await using var gateway = await StartAsync([Tool("ask", $$"""  "x-ask":{"method":"sampling/createMessage","params":{{sampling}} } """), "{}"]);
        using var agent = await gateway.ConnectAsync(capabilities: """{"sampling":{} }""");
        await agent.ListAsync();
        using var response = await agent.PostAsync("""{"jsonrpc":"2.0","id":"a","method":"tools/call","params":{"name":"ask","arguments":{} } }""");
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        var asked = await NextAsync(reader);
        Assert.Equal("asked-1", asked["params"]!["_meta"]!["progressToken"]!.GetValue<string>());
        await agent.SendAsync(Progress("asked-1", "halfway"));
        await agent.SendAsync(Progress("asked-1", Evil));
        await agent.SendAsync(Progress("of nobody", "halfway"));
        await agent.SendAsync($$"""{"jsonrpc":"2.0","id":{{asked["id"]!.ToJsonString()}},"result":{"role":"assistant"} }""");
        Assert.Contains("assistant", (await NextAsync(reader)).ToJsonString());
        // The answer came after them, so what was forwarded is there.
        Assert.Contains("halfway", Assert.Single(gateway.ReceivedWith("one", "notifications/progress")));
        Assert.Empty(gateway.ReceivedWith("two", "notifications/progress"));
        var records = gateway.Asked("notifications/progress");
        Assert.Equal(3, records.Length);
        Assert.True(IsDenied(records[1]));
        Assert.Equal("allow", records[2].Decision);

        static string Progress(string token, string message) =>
            $$"""{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":{{Quote(token)}},"progress":1,"message":{{Quote(message)}} } }""";
    }

    [Fact]
    public async Task RootsChanged_GoesToTheSessionsOwnBackends()
    {
        await using var gateway = await StartAsync(["{}"]);
        using var agent = await gateway.ConnectAsync();
        using var other = await gateway.ConnectAsync();
        await agent.SendAsync("""{"jsonrpc":"2.0","method":"notifications/roots/list_changed"}""");
        await agent.SendAsync($$"""{"jsonrpc":"2.0","method":"notifications/roots/list_changed","params":{"x":{{Quote(Evil)}} } }""");
        await agent.CallAsync("echo", """{"message":"after"}""");
        Assert.DoesNotContain(Mark, Assert.Single(gateway.ReceivedWith("one", "roots/list_changed")));
        var records = gateway.Asked("notifications/roots/list_changed");
        Assert.Equal(2, records.Length);
        Assert.True(IsDenied(records[0]));
        Assert.Equal("allow", records[1].Decision);
    }

    [Fact]
    public async Task RootsChanged_OnASharedBackend_IsNotForwarded()
    {
        await using var gateway = await StartAsync(["{}"], shared: true);
        using var agent = await gateway.ConnectAsync();
        await agent.SendAsync("""{"jsonrpc":"2.0","method":"notifications/roots/list_changed"}""");
        await agent.CallAsync("echo", """{"message":"after"}""");
        Assert.Empty(gateway.ReceivedWith("one", "roots/list_changed"));
        Assert.Equal("allow", Assert.Single(gateway.Asked("notifications/roots/list_changed")).Decision);
    }
}
