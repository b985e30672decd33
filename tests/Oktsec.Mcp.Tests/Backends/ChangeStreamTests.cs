using System.Text;
using Oktsec.Mcp.Envelope;

namespace Oktsec.Mcp.Tests.Backends;

/// <summary>subscriptions/listen towards a backend (MCP 2026-07-28, Subscriptions).</summary>
public sealed class ChangeStreamTests
{
    public static TheoryData<Flavour> Modern { get; } = [.. Enum.GetValues<Flavour>().Where(flavour => flavour.IsModern())];

    [Theory, MemberData(nameof(Modern))]
    public async Task ListChanged_Server_ReachesListener(Flavour flavour)
    {
        using var received = new TemporaryFile();
        await using var test = await TestBackend.ConnectAsync(flavour, ["--received", received.Path]);
        await ListeningAsync(received, 1);

        await ChangeAsync(test, "new");

        Assert.Contains("notifications/tools/list_changed", (await test.Listener.NextAsync()).Message);
        Assert.Contains("""{"notifications":{"toolsListChanged":true,"promptsListChanged":true,"resourcesListChanged":true}}""".Trim('{', '}'),
            received.Lines().First(line => line.Contains("subscriptions/listen")));
    }

    [Theory, MemberData(nameof(Modern))]
    public async Task Subscribe_Resource_IsToldOfItsUpdatesUntilUnsubscribed(Flavour flavour)
    {
        await using var test = await TestBackend.ConnectAsync(flavour);

        Assert.Equal("{}", await ResultAsync(test, "resources/subscribe", "test://one"));
        Assert.Equal("{}", await ResultAsync(test, "resources/subscribe", "test://two"));
        await test.TextAsync("update_resource", """{"uri":"test://one"}""");
        Assert.Contains("test://one", (await test.Listener.NextAsync()).Message);
        Assert.Equal("{}", await ResultAsync(test, "resources/unsubscribe", "test://one"));
        await test.TextAsync("update_resource", """{"uri":"test://one"}""");
        await test.TextAsync("update_resource", """{"uri":"test://two"}""");

        Assert.Contains("test://two", (await test.Listener.NextAsync()).Message);
        Assert.Equal(0, test.Listener.MessageCount);
    }

    [Theory, MemberData(nameof(Modern))]
    public async Task Subscribe_ResourceTheServerDoesNotWatch_IsRefused(Flavour flavour)
    {
        await using var test = await TestBackend.ConnectAsync(flavour);

        using var refused = await test.Backend.RequestAsync(TestBackend.Simple("resources/subscribe", """{"uri":"other://x"}"""), default).WaitAsync(Waits.Long);

        Assert.Equal(RpcKind.ErrorResponse, refused.Kind);
        Assert.Contains("does not tell of changes", Encoding.UTF8.GetString(refused.Span(refused.Error)));
    }

    [Theory, MemberData(nameof(Modern))]
    public async Task Subscribe_ServerWithoutStreams_GetsItsOwnError(Flavour flavour)
    {
        await using var test = await TestBackend.ConnectAsync(flavour, ["--no-listen"]);

        using var refused = await test.Backend.RequestAsync(TestBackend.Simple("resources/subscribe", """{"uri":"test://one"}"""), default).WaitAsync(Waits.Long);

        Assert.Contains("-32601", Encoding.UTF8.GetString(refused.Span(refused.Error)));
    }

    [Theory]
    [InlineData(Flavour.Modern, "{}")]
    [InlineData(Flavour.ModernEvents, "{}")]
    [InlineData(Flavour.ModernEvents, """{"cut":true}""")]
    public async Task Stream_Ended_IsOpenedAgainAndTheListsAreLookedAtAgain(Flavour flavour, string how)
    {
        using var received = new TemporaryFile();
        await using var test = await TestBackend.ConnectAsync(flavour, ["--received", received.Path]);
        Assert.Equal("{}", await ResultAsync(test, "resources/subscribe", "test://one"));
        var before = Listens(received);

        await test.TextAsync("end_stream", how);

        for (var i = 0; i < 3; i++) // tools, prompts, resources: nobody knows what was missed
            Assert.Contains("list_changed", (await test.Listener.NextAsync()).Message);
        Assert.Equal(before + 1, Listens(received));
        await test.TextAsync("update_resource", """{"uri":"test://one"}""");
        Assert.Contains("test://one", (await test.Listener.NextAsync()).Message);
    }

    [Theory, MemberData(nameof(Modern))]
    public async Task Notification_OfAnotherSubscription_IsDropped(Flavour flavour)
    {
        if (flavour is Flavour.ModernJson)
            return; // its answers carry no notifications
        await using var test = await TestBackend.ConnectAsync(flavour);

        await test.TextAsync("say", """{"message":"{\"jsonrpc\":\"2.0\",\"method\":\"notifications/resources/updated\",\"params\":{\"_meta\":{\"io.modelcontextprotocol/subscriptionId\":99},\"uri\":\"test://x\"}}"}""");
        await test.TextAsync("say", """{"message":"{\"jsonrpc\":\"2.0\",\"method\":\"notifications/subscriptions/acknowledged\",\"params\":{\"_meta\":{\"io.modelcontextprotocol/subscriptionId\":99},\"notifications\":{}}}"}""");

        Assert.Equal(0, test.Listener.MessageCount);
    }

    private static async Task ListeningAsync(TemporaryFile received, int count) => await Eventually.TrueAsync(() => Listens(received) == count);

    private static int Listens(TemporaryFile received) => received.Lines().Count(line => line.Contains("subscriptions/listen"));

    // The server has heard of the subscription a moment before it counts: subscribing to something waits for that.
    private static async Task ChangeAsync(TestBackend test, string name)
    {
        Assert.Equal("{}", await ResultAsync(test, "resources/subscribe", "test://wait"));
        await test.TextAsync("change_tools", $$$"""{"definition":{"name":"{{{name}}}"}}""");
    }

    private static async Task<string> ResultAsync(TestBackend test, string method, string uri)
    {
        using var response = await test.Backend.RequestAsync(TestBackend.Simple(method, $$"""{"uri":"{{uri}}"}"""), default).WaitAsync(Waits.Long);
        return Encoding.UTF8.GetString(response.Span(response.Result));
    }
}
