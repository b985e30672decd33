using System.Text;
using System.Text.Json;
using Oktsec.Mcp.Backends;
using Oktsec.Mcp.Envelope;

namespace Oktsec.Mcp.Tests.Backends;

/// <summary>What is too large, no message or asked for by nobody, which every transport must refuse alike; the other half of <see cref="BackendContractTests"/>.</summary>
public sealed class BackendRefusalTests
{
    [Theory, MemberData(nameof(BackendContractTests.All), MemberType = typeof(BackendContractTests))]
    public async Task Request_ResultOverCap_FailsAndOthersGoOn(Flavour flavour)
    {
        await using var test = await TestBackend.ConnectAsync(flavour, change: o => o with { Limits = new EnvelopeLimits(64 * 1024, 64) });

        var held = test.CallAsync("hold", """{"name":"meanwhile"}""");
        foreach (var tool in (string[])["long_head", "long_tail"])
        {
            var failure = await Assert.ThrowsAsync<BackendUnavailableException>(
                () => test.CallAsync(tool, """{"bytes":1000000}""").WaitAsync(Waits.Long));
            Assert.True(failure.Sent);
            Assert.True(failure.WasAnswered);
            Assert.Contains("larger than 65536 bytes (limits.max_result_bytes); ask for less or raise the limit", failure.Reason);
            Assert.Equal(EnvelopeFault.TooLarge, (await test.Listener.NextRefusedAsync()).Fault);
        }

        // Also what was under way, where one stream carries all.
        await test.TextAsync("release", """{"name":"meanwhile"}""");
        Assert.Contains("held until released", Encoding.UTF8.GetString((await held.WaitAsync(Waits.Long)).Bytes.Span));
        Assert.Equal("alive", await test.TextAsync("echo", """{"message":"alive"}"""));
    }

    [Theory, MemberData(nameof(BackendContractTests.WithEvents), MemberType = typeof(BackendContractTests))]
    public async Task Message_OverCap_ThatAnswersNothing_IsRefusedAndEveryCallGoesOn(Flavour flavour)
    {
        await using var test = await TestBackend.ConnectAsync(flavour, change: o => o with { Limits = new EnvelopeLimits(64 * 1024, 64) });
        var longText = new string('m', 200_000);

        var held = test.CallAsync("hold", """{"name":"meanwhile"}""");
        for (var id = 0; id < 8; id++) // among them the ids of the calls that wait
        {
            var message = JsonSerializer.Serialize($$$"""{"jsonrpc":"2.0","id":{{{id}}},"method":"sampling/createMessage","params":{"text":"{{{longText}}}"}}""");
            Assert.Equal("said", await test.TextAsync("say", $$"""{"message":{{message}}}"""));
            Assert.Equal((EnvelopeFault.TooLarge, true), (await test.Listener.NextRefusedAsync()) is var refused ? (refused.Fault, refused.Id.IsEmpty) : default);
        }
        var note = JsonSerializer.Serialize($$$"""{"params":{"data":"{{{longText}}}"},"method":"notifications/message","jsonrpc":"2.0"}""");
        Assert.Equal("said", await test.TextAsync("say", $$"""{"message":{{note}}}"""));

        await test.TextAsync("release", """{"name":"meanwhile"}""");
        Assert.Contains("held until released", Encoding.UTF8.GetString((await held.WaitAsync(Waits.Long)).Bytes.Span));
        Assert.Equal(0, test.Listener.MessageCount);
        Assert.Equal(0, test.Listener.ClosedCount);
    }

    [Theory]
    [InlineData(Flavour.Stdio)]
    [InlineData(Flavour.Events)]
    [InlineData(Flavour.Legacy)]
    [InlineData(Flavour.Modern)]
    [InlineData(Flavour.ModernEvents)]
    public async Task OwnWord_OverCap_CostsItselfOnly(Flavour flavour)
    {
        using var log = TemporaryFile.With("");
        using var received = TemporaryFile.With("");
        await using var test = await TestBackend.ConnectAsync(
            flavour, flavour.IsStdio() ? ["--received", received.Path] : ["--received", received.Path, "--http-log", log.Path], o => o with { Limits = new EnvelopeLimits(64 * 1024, 64) });
        var streams = () => log.Lines().Count(line => line.StartsWith("GET", StringComparison.Ordinal)) + received.Lines().Count(line => line.Contains("\"subscriptions/listen\""));
        var longText = new string('m', 200_000);
        if (flavour.IsModern())
            await Eventually.TrueAsync(() => streams() == 1);
        if (flavour is Flavour.Events)
            await Eventually.TrueAsync(() => streams() == 1);
        var before = streams();

        await test.TextAsync("announce", $$"""{"method":"notifications/tools/list_changed","members":"\"x\":\"{{longText}}\""}""");
        var refused = await test.Listener.NextRefusedAsync();
        await test.TextAsync("announce", """{"method":"notifications/prompts/list_changed"}""");

        Assert.Equal(EnvelopeFault.TooLarge, refused.Fault);
        Assert.Contains("prompts/list_changed", (await test.Listener.NextAsync()).Message);
        Assert.Equal(before, streams());
        Assert.Equal(0, test.Listener.ClosedCount);
    }

    [Theory, MemberData(nameof(BackendContractTests.All), MemberType = typeof(BackendContractTests))]
    public async Task Request_AtCap_Arrives(Flavour flavour)
    {
        await using var test = await TestBackend.ConnectAsync(flavour);
        var cap = EnvelopeLimits.FromBackends.MaxBytes;

        Assert.Equal(cap - 200, (await test.TextAsync("big_result", $$"""{"bytes":{{cap - 200}}}""")).Length);
    }

    [Theory, MemberData(nameof(BackendContractTests.All), MemberType = typeof(BackendContractTests))]
    public async Task Request_MalformedResponse_FailsAtOnce(Flavour flavour)
    {
        await using var test = await TestBackend.ConnectAsync(flavour);

        var failure = await Assert.ThrowsAsync<BackendUnavailableException>(() => test.CallAsync("malformed").WaitAsync(Waits.Long));

        Assert.True(failure.Sent);
        Assert.Contains("refused", failure.Reason);
        Assert.Equal(EnvelopeFault.DuplicateKey, (await test.Listener.NextRefusedAsync()).Fault);
        Assert.Equal("alive", await test.TextAsync("echo", """{"message":"alive"}"""));
    }

    [Theory]
    [InlineData("\\uFEFF{\\\"jsonrpc\\\":\\\"2.0\\\",\\\"id\\\":ID,\\\"result\\\":{}}")]
    [InlineData("{\\\"jsonrpc\\\":\\\"2.0\\\",\\\"id\\\":ID,\\\"result\\\":{}}{}")]
    [InlineData("[{\\\"jsonrpc\\\":\\\"2.0\\\",\\\"id\\\":ID,\\\"result\\\":{}}]")]
    [InlineData("{\\\"jsonrpc\\\":\\\"2.0\\\",\\\"id\\\":ID.0,\\\"result\\\":{}}")]
    [InlineData("{\\\"result\\\":{\\\"a\\\":'},\\\"id\\\":ID}")]
    public async Task Response_ThatIsNoMessage_FailsItsCallAtOnce(string answer)
    {
        foreach (var flavour in BackendContractTests.All.Select(row => row.Data))
        {
            await using var test = await TestBackend.ConnectAsync(flavour);
            var call = test.CallAsync("answer", $$"""{"message":"{{answer}}"}""");
            Assert.True((await Assert.ThrowsAsync<BackendUnavailableException>(() => call.WaitAsync(Waits.Long))).Sent, $"{flavour}");
            Assert.Equal("alive", await test.TextAsync("echo", """{"message":"alive"}"""));
        }
    }

    [Theory, MemberData(nameof(BackendContractTests.WithEvents), MemberType = typeof(BackendContractTests))]
    public async Task Response_NotAskedFor_IsCountedAndDropped(Flavour flavour)
    {
        await using var test = await TestBackend.ConnectAsync(flavour);

        Assert.Equal("right id", await test.TextAsync("wrong_id"));
        Assert.Equal("first", await test.TextAsync("twice"));
        Assert.Equal("alive", await test.TextAsync("echo", """{"message":"alive"}"""));
        Assert.InRange(test.Backend.Stats.LateResponses, 2, 3);
        Assert.Equal(0, test.Listener.MessageCount);
    }
}
