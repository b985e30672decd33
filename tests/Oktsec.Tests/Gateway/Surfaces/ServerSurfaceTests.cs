using static Oktsec.Tests.Gateway.Surfaces.Scripted;

namespace Oktsec.Tests.Gateway.Surfaces;

/// <summary>What servers say and ask by themselves: one clean message and one attack for each.</summary>
public sealed class ServerSurfaceTests
{
    private static string Says(string method, string parameters) => $$"""  "x-say":[{"jsonrpc":"2.0","method":"{{method}}","params":{{parameters}} }] """;

    private static string Asks(string method, string parameters) => $$"""  "x-ask":{"method":"{{method}}","params":{{parameters}} } """;

    [Fact]
    public async Task Ping_IsAnsweredByTheGateway()
    {
        await using var gateway = await StartAsync([Tool("ask", Asks("ping", $$"""{"x":{{Quote(Evil)}} }"""))]);
        using var agent = await gateway.ConnectAsync();
        var answer = await agent.CallAsync("ask");
        // What the server heard, and that the agent heard nothing of it.
        Assert.Equal("""{"jsonrpc":"2.0","id":"ask-1","result":{}}""", answer.Text);
        Assert.Single(answer.Messages);
        Assert.Empty(gateway.Records("ping"));
    }

    [Theory]
    [InlineData("elicitation/create", "elicitation", """{"message":"Which colour?","requestedSchema":{"type":"object","properties":{} } }""")]
    [InlineData("roots/list", "roots", "{}")]
    [InlineData("sampling/createMessage", "sampling", """{"messages":[],"maxTokens":5}""")]
    [InlineData("x/own", "experimental", """{"n":1.0}""")]
    public async Task Question_Clean_IsAnsweredByTheAgent(string method, string capability, string parameters)
    {
        await using var gateway = await StartAsync([Tool("ask", Asks(method, parameters)), "{}"]);
        using var agent = await gateway.ConnectAsync(capabilities: $$"""{"{{capability}}":{} }""");
        await agent.ListAsync();
        using var response = await agent.PostAsync("""{"jsonrpc":"2.0","id":"a","method":"tools/call","params":{"name":"ask","arguments":{} } }""");
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        var asked = await NextAsync(reader);
        Assert.Equal(method, asked["method"]!.GetValue<string>());
        await agent.SendAsync($$"""{"jsonrpc":"2.0","id":{{asked["id"]!.ToJsonString()}},"result":{"answer":"blue"} }""");
        Assert.Contains("blue", (await NextAsync(reader)).ToJsonString());
        Assert.Contains("blue", Assert.Single(gateway.ReceivedWith("one", "ask-1")));
        Assert.Equal(("one", "allow"), (gateway.Said(method).Single().Backend, gateway.Said(method).Single().Decision));
        Assert.Equal(("one", "allow"), (gateway.Asked(method).Single().Backend, gateway.Asked(method).Single().Decision));
    }

    [Theory]
    [InlineData("elicitation/create", "elicitation", "message")]
    [InlineData("roots/list", "roots", "x")]
    [InlineData("sampling/createMessage", "sampling", "systemPrompt")]
    [InlineData("x/own", "experimental", "x")]
    public async Task Question_WithAnInjection_IsRefusedToTheServer(string method, string capability, string member)
    {
        await using var gateway = await StartAsync([Tool("ask", Asks(method, $$"""{"{{member}}":{{Quote(Evil)}} }"""))]);
        using var agent = await gateway.ConnectAsync(capabilities: $$"""{"{{capability}}":{} }""");
        var answer = await agent.CallAsync("ask");
        Assert.Single(answer.Messages); // the agent was not asked
        Assert.Contains("-32600", answer.Text); // what the server heard
        Assert.Contains("blocked by oktsec", answer.Text);
        Assert.True(IsDenied(Assert.Single(gateway.Said(method))));
    }

    [Theory]
    [InlineData("elicitation/create", "elicitation")]
    [InlineData("roots/list", "roots")]
    [InlineData("sampling/createMessage", "sampling")]
    public async Task Answer_WithAnInjection_IsRefusedToTheServer(string method, string capability)
    {
        await using var gateway = await StartAsync([Tool("ask", Asks(method, "{}"))]);
        using var agent = await gateway.ConnectAsync(capabilities: $$"""{"{{capability}}":{} }""");
        using var response = await agent.PostAsync("""{"jsonrpc":"2.0","id":"a","method":"tools/call","params":{"name":"ask","arguments":{} } }""");
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        var asked = await NextAsync(reader);
        await agent.SendAsync($$"""{"jsonrpc":"2.0","id":{{asked["id"]!.ToJsonString()}},"result":{"answer":{{Quote(Evil)}} } }""");
        var final = (await NextAsync(reader)).ToJsonString();
        Assert.Contains("blocked by oktsec", final);
        Assert.Empty(gateway.ReceivedWith("one", Mark));
        Assert.True(IsDenied(Assert.Single(gateway.Asked(method))));
    }

    [Theory]
    [InlineData("notifications/message", """{"level":"info","logger":"db","data":"TEXT"}""")]
    [InlineData("notifications/elicitation/complete", """{"elicitationId":"e-1","note":"TEXT"}""")]
    [InlineData("notifications/x", """{"x":"TEXT"}""")]
    public async Task Notification_CleanArrives_InjectedDoesNot(string method, string parameters)
    {
        string Saying(string text) => Says(method, parameters.Replace("TEXT", text, StringComparison.Ordinal));
        await using var gateway = await StartAsync([Tool("clean", Saying("ready")), Tool("evil", Saying(Evil))]);
        using var agent = await gateway.ConnectAsync();
        await agent.ListAsync();
        var clean = (await agent.CallAsync("clean")).Interim(method);
        Assert.Contains("ready", clean!.ToJsonString());
        if (method == "notifications/message")
            Assert.Equal("one/db", clean["params"]!["logger"]!.GetValue<string>());
        else
            Assert.Equal(parameters.Replace("TEXT", "ready", StringComparison.Ordinal), clean["params"]!.ToJsonString());
        var evil = await agent.CallAsync("evil");
        Assert.Single(evil.Messages);
        Assert.False(evil.IsToolError); // what it said is gone, what it did is there
        var records = gateway.Said(method);
        Assert.Equal(("two", true), (records[0].Backend, IsDenied(records[0])));
        Assert.Equal(("one", "allow"), (records[1].Backend, records[1].Decision));
    }

    [Fact]
    public async Task Cancelled_ByTheServer_TakesBackItsOwnQuestionOnly()
    {
        var says = """
            "x-say":[{"jsonrpc":"2.0","id":"q","method":"elicitation/create","params":{"message":"Which?"} },
            {"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"other"} },
            {"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"q","reason":"never mind"} }]
            """;
        await using var gateway = await StartAsync([Tool("ask", says)]);
        using var agent = await gateway.ConnectAsync(capabilities: """{"elicitation":{} }""");
        var answer = await agent.CallAsync("ask");
        var asked = answer.Interim("elicitation/create")!["id"]!.ToJsonString();
        var cancelled = answer.Interim("notifications/cancelled"); // one: that of "other" is about no question of this agent
        Assert.Equal((asked, "never mind"), (cancelled!["params"]!["requestId"]!.ToJsonString(), cancelled["params"]!["reason"]!.GetValue<string>()));
        Assert.All(gateway.Said("notifications/cancelled"), e => Assert.Equal("allow", e.Decision));
        Assert.Equal(2, gateway.Said("notifications/cancelled").Length);
        // A late answer finds nobody.
        await agent.SendAsync($$"""{"jsonrpc":"2.0","id":{{asked}},"result":{"action":"accept"} }""");
        await agent.CallAsync("echo", """{"message":"after"}""");
        Assert.Empty(gateway.ReceivedWith("one", "accept"));
    }

    [Fact]
    public async Task Cancelled_ByTheServerWithAnInjection_NeverReachesTheAgent()
    {
        var says = $$"""
            "x-say":[{"jsonrpc":"2.0","id":"q","method":"elicitation/create","params":{"message":"Which?"} },
            {"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"q","reason":{{Quote(Evil)}} } }]
            """;
        await using var gateway = await StartAsync([Tool("ask", says)]);
        using var agent = await gateway.ConnectAsync(capabilities: """{"elicitation":{} }""");
        var answer = await agent.CallAsync("ask");
        Assert.NotNull(answer.Interim("elicitation/create"));
        Assert.DoesNotContain(Mark, answer.Body);
        Assert.True(IsDenied(Assert.Single(gateway.Said("notifications/cancelled"))));
    }

    [Theory]
    [InlineData("sampling/createMessage")]
    [InlineData("elicitation/create")]
    [InlineData("roots/list")]
    [InlineData("x/own")]
    public async Task Question_OnASharedBackend_IsRefusedAndRecorded(string method)
    {
        await using var gateway = await StartAsync([Tool("ask", Asks(method, "{}"))], shared: true);
        using var agent = await gateway.ConnectAsync(capabilities: """{"sampling":{},"elicitation":{},"roots":{} }""");
        var answer = await agent.CallAsync("ask");
        Assert.Single(answer.Messages);
        Assert.Contains("-32601", answer.Text);
        await TestGateway.UntilAsync(() => gateway.Said(method).Length == 1);
        Assert.Equal(("one", "message_malformed"), (gateway.Said(method)[0].Backend, gateway.Said(method)[0].Decision));
    }

    [Fact]
    public async Task Instructions_Poisoned_AreLeftOut()
    {
        await using var gateway = await StartAsync(["""{"instructions":"Ask before you add."}""", $$"""{"instructions":{{Quote(Evil)}} }"""]);
        using var agent = gateway.Agent();
        var opened = await agent.InitializeAsync();
        Assert.Equal("# one\nAsk before you add.", opened.Result!["instructions"]!.GetValue<string>());
        var record = Assert.Single(gateway.Said("initialize"));
        Assert.Equal(("two", true), (record.Backend, IsDenied(record)));
    }

    [Theory]
    [InlineData(false, "Ask before you add.", true)]
    [InlineData(true, Evil, false)]
    public async Task Instructions_OfTheOnlyBackend_PassUnlessPoisoned(bool isEvil, string instructions, bool pass)
    {
        await using var gateway = await StartAsync([$$"""{"instructions":{{Quote(instructions)}} }"""]);
        using var agent = gateway.Agent();
        var opened = await agent.InitializeAsync();
        Assert.Equal(pass ? instructions : null, opened.Result!["instructions"]?.GetValue<string>());
        Assert.Equal(isEvil, gateway.Said("initialize").Any(IsDenied));
        Assert.Contains("echo", await agent.ListAsync()); // what it offers is judged by itself
    }

    [Theory]
    [InlineData("tools/list", "tools", "name", "one", """{"name":"NAME","description":"TEXT","inputSchema":{"type":"object"} }""")]
    [InlineData("prompts/list", "prompts", "name", "one", """{"name":"NAME","description":"TEXT"}""")]
    [InlineData("resources/list", "resources", "uri", "test://x", """{"uri":"NAME","name":"x","description":"TEXT"}""")]
    [InlineData("resources/templates/list", "resourceTemplates", "uriTemplate", "test://x/{id}", """{"uriTemplate":"NAME","name":"x","description":"TEXT"}""")]
    public async Task ListResult_PoisonedItem_DisappearsAndTheOthersStay(string method, string member, string key, string good, string item)
    {
        var bad = good + "z";
        string Item(string name, string text) => item.Replace("NAME", name, StringComparison.Ordinal).Replace("TEXT", text, StringComparison.Ordinal);
        await using var gateway = await StartAsync([$$"""{"onlyScript":true,"{{member}}":[{{Item(good, "Plain.")}},{{Item(bad, Evil)}}]}"""]);
        using var agent = await gateway.ConnectAsync();
        var answer = await agent.RequestAsync(method, "{}");
        Assert.Equal([good], answer.Result![member]!.AsArray().Select(i => i![key]!.GetValue<string>()));
        Assert.DoesNotContain(Mark, answer.Body);
        Assert.Equal("allow", Assert.Single(gateway.Asked(method)).Decision);
        var record = Assert.Single(gateway.Said(method));
        Assert.Equal((bad, true), (record.Target, IsDenied(record)));
    }

    [Theory]
    [InlineData("resources/read", """{"uri":"test://x"}""", """{"resources":[{"uri":"test://x","name":"x","x-contents":[{"uri":"test://x","text":"TEXT"}]}]}""")]
    [InlineData("prompts/get", """{"name":"ask"}""", """{"prompts":[{"name":"ask","x-messages":[{"role":"user","content":{"type":"text","text":"TEXT"} }]}]}""")]
    [InlineData("completion/complete", """{"ref":{"type":"ref/prompt","name":"greet"},"argument":{"name":"who","value":"a"} }""", """{"completions":["TEXT"]}""")]
    public async Task FetchedResult_Poisoned_NeverReachesTheAgent(string method, string parameters, string script)
    {
        foreach (var text in (string[])["Plain.", Evil])
        {
            await using var gateway = await StartAsync([script.Replace("TEXT", text, StringComparison.Ordinal)]);
            using var agent = await gateway.ConnectAsync();
            var answer = await agent.RequestAsync(method, parameters);
            Assert.Single(gateway.ReceivedWith("one", method));
            var outcome = gateway.Records(method).Single().Outcome!;
            if (text != Evil)
            {
                Assert.Contains(text, answer.Body);
                Assert.Equal("allow", outcome.Decision);
                continue;
            }
            Assert.StartsWith("blocked by oktsec: ", answer.Error!["message"]!.GetValue<string>());
            Assert.DoesNotContain(Mark, answer.Body);
            Assert.NotEmpty(outcome.Findings);
        }
    }

    [Fact]
    public async Task Progress_Injected_NeverReachesTheAgent()
    {
        await using var gateway = await StartAsync([Tool("work", Says("notifications/progress", $$"""{"progressToken":"t","progress":1,"message":{{Quote(Evil)}} }"""))]);
        using var agent = await gateway.ConnectAsync();
        var answer = await agent.RequestAsync("tools/call", """{"name":"work","arguments":{},"_meta":{"progressToken":"t"} }""");
        Assert.Single(answer.Messages);
        Assert.Equal("work was called", answer.Text);
        Assert.True(IsDenied(Assert.Single(gateway.Said("notifications/progress"))));
    }

    [Theory]
    [InlineData("notifications/tools/list_changed", "tools/list", "tools")]
    [InlineData("notifications/prompts/list_changed", "prompts/list", "prompts")]
    [InlineData("notifications/resources/list_changed", "resources/list", "resources")]
    public async Task ListChanged_Injected_NeverReachesTheAgent(string method, string list, string member)
    {
        await using var gateway = await StartAsync([Tool("change", Says(method, $$"""{"x":{{Quote(Evil)}} }"""))]);
        using var agent = await gateway.ConnectAsync();
        await agent.RequestAsync(list, "{}");
        var asked = gateway.ReceivedWith("one", list).Length;
        Assert.Single((await agent.CallAsync("change")).Messages);
        Assert.True(IsDenied(Assert.Single(gateway.Said(method))));
        Assert.NotEmpty((await agent.RequestAsync(list, "{}")).Result![member]!.AsArray());
        Assert.Equal(asked + 1, gateway.ReceivedWith("one", list).Length); // it was not asked again on the denied one's word
    }
}
