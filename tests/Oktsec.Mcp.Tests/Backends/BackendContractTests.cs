using System.Text;
using System.Text.Json;
using Oktsec.Mcp.Backends;
using Oktsec.Mcp.Envelope;

namespace Oktsec.Mcp.Tests.Backends;

/// <summary>What every transport must do alike.</summary>
public sealed class BackendContractTests
{
    public static TheoryData<Flavour> All { get; } = [.. Enum.GetValues<Flavour>()];

    public static TheoryData<Flavour> WithEvents { get; } = [.. Enum.GetValues<Flavour>().Except([Flavour.Json, Flavour.Stateless, Flavour.ModernJson])];

    public static TheoryData<Flavour> WithSession { get; } = [.. Enum.GetValues<Flavour>().Where(flavour => !flavour.IsModern())];

    public static TheoryData<Flavour> WithServerStream { get; } = [.. Enum.GetValues<Flavour>().Where(flavour => flavour.HasServerStream())];

    [Theory, MemberData(nameof(All))]
    public async Task Connect_Server_GivesHandshake(Flavour flavour)
    {
        await using var test = await TestBackend.ConnectAsync(flavour);

        Assert.Equal(flavour.IsModern() ? "2026-07-28" : "2025-11-25", test.Backend.Handshake!.ProtocolVersion);
        Assert.Contains("\"serverInfo\"", Encoding.UTF8.GetString(test.Backend.Handshake.Response.Bytes.Span));
        Assert.False(test.Backend.Closed.IsCompleted);
    }

    [Theory, MemberData(nameof(All))]
    public async Task Request_Tool_GivesResponse(Flavour flavour)
    {
        await using var test = await TestBackend.ConnectAsync(flavour);

        Assert.Equal("hello", await test.TextAsync("echo", """{"message":"hello"}"""));
        Assert.Equal("42", await test.TextAsync("add", """{"a":2,"b":40}"""));
    }

    [Fact]
    public async Task Response_WithItsIdInQuotes_AnswersItsCall()
    {
        foreach (var flavour in All.Select(row => row.Data))
        {
            await using var test = await TestBackend.ConnectAsync(flavour);
            Assert.Equal("fine", await test.TextAsync("answer", """{"message":"{\"jsonrpc\":\"2.0\",\"id\":\"ID\",\"result\":{\"content\":[{\"type\":\"text\",\"text\":\"fine\"}]}}"}"""));
        }
    }

    [Theory, MemberData(nameof(All))]
    public async Task Request_OddSpelling_PassesBothWaysUnchanged(Flavour flavour)
    {
        await using var test = await TestBackend.ConnectAsync(flavour);
        const string odd = """{"n":123456789012345678901234567890, "e":1E+2,"s":"\u0061\/\ud83d\ude00é" ,"o":{ } }""";

        using var response = await test.CallAsync("echo_raw", odd).WaitAsync(Waits.Long);

        Assert.Contains($"\"structuredContent\":{odd}", Encoding.UTF8.GetString(response.Bytes.Span));
    }

    [Theory, MemberData(nameof(All))]
    public async Task Request_Error_GivesErrorResponse(Flavour flavour)
    {
        await using var test = await TestBackend.ConnectAsync(flavour);

        using var response = await test.CallAsync("rpc_error").WaitAsync(Waits.Long);

        Assert.Equal(RpcKind.ErrorResponse, response.Kind);
        Assert.Contains("12345678901234567890", Encoding.UTF8.GetString(response.Bytes.Span));
    }

    [Theory, MemberData(nameof(All))]
    public async Task Request_ManyAtOnce_EachGetsItsOwn(Flavour flavour)
    {
        await using var test = await TestBackend.ConnectAsync(flavour);

        var texts = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Task.Run(() => test.TextAsync("echo", $$"""{"message":"{{i}}"}"""))));

        Assert.Equal(Enumerable.Range(0, 200).Select(i => $"{i}"), texts);
        Assert.Equal(0, test.Backend.Stats.InFlight);
    }

    [Theory, MemberData(nameof(All))]
    public async Task Request_AnsweredOutOfOrder_EachGetsItsOwn(Flavour flavour)
    {
        await using var test = await TestBackend.ConnectAsync(flavour);

        var held = test.TextAsync("hold", """{"name":"a"}""");
        Assert.Equal("released", await test.TextAsync("release", """{"name":"a"}"""));

        Assert.Equal("held until released", await held);
    }

    [Theory, MemberData(nameof(All))]
    public async Task Request_LineBreaksInside_IsOneMessage(Flavour flavour)
    {
        await using var test = await TestBackend.ConnectAsync(flavour);
        // Two messages to a backend that reads lines, if the line breaks stayed.
        var smuggled = "\n{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/call\",\"params\":{\"name\":\"crash\"}}\r\n";

        using var response = await test.CallAsync("echo_raw", "{\"x\":" + smuggled + "}").WaitAsync(Waits.Long);

        Assert.Contains("\"crash\"", Encoding.UTF8.GetString(response.Bytes.Span));
        Assert.Equal("alive", await test.TextAsync("echo", """{"message":"alive"}"""));
    }

    [Theory, MemberData(nameof(All))]
    public async Task Request_MegabyteResult_Arrives(Flavour flavour)
    {
        await using var test = await TestBackend.ConnectAsync(flavour);

        Assert.Equal(1_000_000, (await test.TextAsync("big_result", """{"bytes":1000000}""")).Length);
    }

    [Theory, MemberData(nameof(All))]
    public async Task Request_MegabyteArguments_Arrive(Flavour flavour)
    {
        await using var test = await TestBackend.ConnectAsync(flavour);
        var text = new string('a', 1_000_000);

        Assert.Equal(text, await test.TextAsync("echo", $$"""{"message":"{{text}}"}"""));
    }

    [Theory, MemberData(nameof(All))]
    public async Task Message_Notification_ReachesListener(Flavour flavour)
    {
        await using var test = await TestBackend.ConnectAsync(flavour);

        Assert.Equal("logged", await test.TextAsync("log", """{"message":"n"}""", origin: "caller"));

        var (message, origin) = await test.Listener.NextAsync();
        Assert.Contains("notifications/message", message);
        Assert.Equal(flavour.HasOneStream() ? null : "caller", origin);
    }

    [Theory, MemberData(nameof(WithSession))]
    public async Task Message_BeforeInitializeResponse_ReachesListener(Flavour flavour)
    {
        await using var test = await TestBackend.ConnectAsync(flavour, ["--early-notification"]);

        Assert.Contains("tools/list_changed", (await test.Listener.NextAsync()).Message);
    }

    [Theory, MemberData(nameof(WithServerStream))]
    public async Task Message_Unsolicited_ReachesListener(Flavour flavour)
    {
        await using var test = await TestBackend.ConnectAsync(flavour);

        await test.TextAsync("change_tools", """{"definition":{"name":"new"}}""");

        var (message, origin) = await test.Listener.NextAsync();
        Assert.Contains("tools/list_changed", message);
        Assert.Null(origin);
    }

    [Theory, MemberData(nameof(All))]
    public async Task Message_ServerRequest_IsAnsweredByListener(Flavour flavour)
    {
        await using var test = await TestBackend.ConnectAsync(flavour);

        var call = test.TextAsync("ask_sampling", """{"prompt":"say x"}""");
        var (request, _) = await test.Listener.NextAsync();
        Assert.Contains("sampling/createMessage", request);
        var id = JsonDocument.Parse(request).RootElement.GetProperty("id").GetRawText();
        await test.Backend.SendAsync(Encoding.UTF8.GetBytes($$$"""{"jsonrpc":"2.0","id":{{{id}}},"result":{"role":"assistant","n":1.0}}"""), default);

        Assert.Equal("""{"jsonrpc":"2.0","id":"ask-1","result":{"role":"assistant","n":1.0}}""", await call);
    }

    [Theory, MemberData(nameof(WithSession))]
    public async Task Message_Ping_IsAnsweredHere(Flavour flavour)
    {
        await using var test = await TestBackend.ConnectAsync(flavour);

        Assert.Equal("""{"jsonrpc":"2.0","id":"ask-1","result":{}}""", await test.TextAsync("ask_ping"));
        Assert.Equal(0, test.Listener.MessageCount);
    }

    [Theory, MemberData(nameof(WithServerStream))]
    public async Task Cancel_Waiting_TellsBackendAndDropsLateResponse(Flavour flavour)
    {
        using var received = new TemporaryFile();
        await using var test = await TestBackend.ConnectAsync(flavour, ["--received", received.Path]);
        using var cancel = new CancellationTokenSource();
        var late = test.CallAsync("late", cancel: cancel.Token);
        await ArrivedAsync(received, "late");

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => late);
        // "late" says this, and answers, once the cancellation has arrived with the right id.
        Assert.Contains("cancelled", (await test.Listener.NextAsync()).Message);
        Assert.Equal("alive", await test.TextAsync("echo", """{"message":"alive"}"""));
    }

    [Theory, MemberData(nameof(All))]
    public async Task Timeout_NoSignOfLife_ThrowsAndTellsBackend(Flavour flavour)
    {
        var time = new ManualTime();
        using var received = new TemporaryFile();
        await using var test = await TestBackend.ConnectAsync(flavour, ["--received", received.Path], o => o with { CallTimeout = TimeSpan.FromMinutes(5) }, time);
        var late = test.CallAsync("late");
        await ArrivedAsync(received, "late");

        time.Advance(TimeSpan.FromMinutes(4));
        Assert.False(late.IsCompleted);
        time.Advance(TimeSpan.FromMinutes(1.1));

        var failure = await Assert.ThrowsAsync<TimeoutException>(() => late.WaitAsync(Waits.Long));
        Assert.Contains("300 s", failure.Message);
        if (flavour.HasServerStream())
            Assert.Contains("cancelled", (await test.Listener.NextAsync()).Message);
        Assert.Equal("alive", await test.TextAsync("echo", """{"message":"alive"}"""));
    }

    [Theory, MemberData(nameof(All))]
    public async Task Timeout_Progress_IsRenewed(Flavour flavour)
    {
        var time = new ManualTime();
        await using var test = await TestBackend.ConnectAsync(flavour, change: o => o with { CallTimeout = TimeSpan.FromMinutes(5) }, time: time);
        var held = test.CallAsync("hold", """{"name":"a"}""", progressToken: "\"p-1\"");
        var forgotten = test.CallAsync("hang", progressToken: "\"p-2\"");

        for (var i = 0; i < 3; i++)
        {
            await test.TextAsync("progress", """{"token":"p-1"}""");
            Assert.Contains("p-1", (await test.Listener.NextAsync()).Message);
            time.Advance(TimeSpan.FromMinutes(4));
        }
        await Assert.ThrowsAsync<TimeoutException>(() => forgotten.WaitAsync(Waits.Long));
        Assert.False(held.IsCompleted);
        await test.TextAsync("release", """{"name":"a"}""");

        Assert.Equal("held until released", TestBackend.TextOf(await held.WaitAsync(Waits.Long)));
    }

    [Theory, MemberData(nameof(WithSession))]
    public async Task Start_NoAnswer_FailsWithinStartTimeout(Flavour flavour)
    {
        var time = new ManualTime();
        await using var test = await TestBackend.CreateAsync(flavour, ["--mute", "--early-notification"], time: time);
        var connect = test.ConnectAsync();
        await test.Listener.NextAsync(); // initialize has arrived

        time.Advance(TimeSpan.FromSeconds(31));

        var failure = await Assert.ThrowsAsync<BackendUnavailableException>(() => connect);
        Assert.False(failure.Sent);
        Assert.Contains("no answer to initialize within 30 s", failure.Reason);
        Assert.True(test.Backend.Closed.IsCompleted);
    }

    [Theory, MemberData(nameof(All))]
    public async Task Lost_MidCall_FailsCallAsMaybeSentAndCloses(Flavour flavour)
    {
        await using var test = await TestBackend.ConnectAsync(flavour, args: []);
        var hanging = test.CallAsync("hang");

        var crash = await Assert.ThrowsAsync<BackendUnavailableException>(() => test.CallAsync("crash", """{"code":9}""").WaitAsync(Waits.Long));
        Assert.True(crash.Sent);
        Assert.True((await Assert.ThrowsAsync<BackendUnavailableException>(() => hanging.WaitAsync(Waits.Long))).Sent);
        // Over HTTP the loss of a connection is no news about the server; that nobody can connect is.
        var after = await Assert.ThrowsAsync<BackendUnavailableException>(() => test.CallAsync("echo").WaitAsync(Waits.Long));
        // A connection kept open may break while it is written to: then nobody knows, and the call after that one finds out.
        while (after.Sent && !flavour.IsStdio())
            after = await Assert.ThrowsAsync<BackendUnavailableException>(() => test.CallAsync("echo").WaitAsync(Waits.Long));
        Assert.False(after.Sent);
        Assert.True(test.Backend.Closed.IsCompleted, "closed before a call is told that it was not sent");
        Assert.Equal(await test.Backend.Closed, after.Reason);
        await Eventually.TrueAsync(() => test.Listener.ClosedCount == 1);
    }

    [Theory, MemberData(nameof(All))]
    public async Task Dispose_CallsWaiting_FailsThemAndClosesOnce(Flavour flavour)
    {
        await using var test = await TestBackend.ConnectAsync(flavour);
        var hanging = test.CallAsync("hang");
        await test.TextAsync("echo", """{"message":"the call before has arrived"}""");

        await test.Backend.DisposeAsync().AsTask().WaitAsync(Waits.Long);

        Assert.True((await Assert.ThrowsAsync<BackendUnavailableException>(() => hanging.WaitAsync(Waits.Long))).Sent);
        Assert.Equal(1, test.Listener.ClosedCount);
        Assert.Contains("stopped", await test.Backend.Closed);
    }

    [Theory, MemberData(nameof(All))]
    public async Task Listener_CallsBackFromReadLoop_DoesNotBlock(Flavour flavour)
    {
        await using var test = await TestBackend.ConnectAsync(flavour);
        var answered = new TaskCompletionSource<string>();
        test.Listener.Hook = (_, _) => _ = ForwardAsync();
        async Task ForwardAsync() => answered.TrySetResult(await test.TextAsync("echo", """{"message":"from inside"}"""));

        await test.TextAsync("log", """{"message":"n"}""");

        Assert.Equal("from inside", await answered.Task.WaitAsync(Waits.Long));
    }

    // Two requests over HTTP arrive in either order: that a later one was answered says nothing of this one.
    private static Task ArrivedAsync(TemporaryFile received, string tool) =>
        Eventually.TrueAsync(() => File.Exists(received.Path) && received.Lines().Any(line => line.Contains($"\"{tool}\"", StringComparison.Ordinal)));
}
