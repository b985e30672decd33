using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Oktsec.Commands;
using Oktsec.Storage;
using Oktsec.Tests.Storage;
using Oktsec.Tests.Support;
using Oktsec.Tests.Webhooks;
using Oktsec.Webhooks;

namespace Oktsec.Tests.Commands;

/// <summary>Dead letters: seen, sent again to a service that takes them now, or forgotten.</summary>
public sealed class WebhooksCommandTests : IAsyncLifetime
{
    private readonly StoreFixture fixture = new();
    private readonly TempFolder folder = new();
    private WebhookReceiver receiver = null!;

    public async ValueTask InitializeAsync()
    {
        receiver = await WebhookReceiver.StartAsync();
        await File.WriteAllTextAsync(Config, $$$"""
            db_path: {{{fixture.Path}}}
            webhooks:
              - { name: alerts, url: "{{{receiver.Url}}}alerts", format: slack, allow_private: true, secret: k }
              - { name: other, url: "{{{receiver.Url}}}other", allow_private: true }
            rules:
              - { id: PI-001, notify: [alerts], template: "{{RULE}} stopped {{FROM}}" }
            """);
    }

    public async ValueTask DisposeAsync()
    {
        await receiver.DisposeAsync();
        await fixture.DisposeAsync();
        folder.Dispose();
    }

    private string Config => folder["oktsec.yaml"];

    [Fact]
    public async Task List_PrintsNewestFirst()
    {
        await BuryAsync("alerts");
        await BuryAsync("gone\u001b[2J");

        var (exit, output, _) = await RunAsync("list");

        Assert.Equal(ExitCodes.Fine, exit);
        var lines = output.TrimEnd().Split('\n');
        Assert.Matches("^ID +TIME +WEBHOOK +EVENT +RECORD +ATTEMPTS +ERROR$", lines[0]);
        Assert.Matches("^2 .* gone.* blocked +a1b2c3d4 +7 +HTTP 500$", lines[1]);
        Assert.Matches("^1 +2026-.* alerts +blocked", lines[2]);
        Assert.DoesNotContain("\u001b", output);
        var json = (await RunAsync("list", "--json", "--webhook", "alerts")).Output.TrimEnd();
        Assert.Equal("PI-001", JsonNode.Parse(json)!["body"]!["rule"]!.GetValue<string>());
    }

    [Fact]
    public async Task Retry_TakenNow_DeliversInTheFormOfTheWebhookAndForgets()
    {
        await BuryAsync("alerts");
        await BuryAsync("other");

        var (exit, output, _) = await RunAsync("retry", "--all");

        Assert.Equal(("1  alerts  blocked  delivered\n2  other  blocked  delivered\n", ExitCodes.Fine), (output, exit));
        var chat = await receiver.NextAsync();
        Assert.Equal("/alerts", chat.Path);
        Assert.Equal(SlackPayload.Write(Events.Blocked(), "{{RULE}} stopped {{FROM}}"), chat.Body);
        Assert.Contains("X-Oktsec-Signature", chat.Headers.Keys);
        var plain = await receiver.NextAsync();
        Assert.Equal(JsonPayload.Write(Events.Blocked(), "{{RULE}} stopped {{FROM}}"), plain.Body);
        Assert.Empty(fixture.Store.ReadDeadLetters(10));
    }

    [Fact]
    public async Task Retry_StillRefused_KeepsItAndGoesOnWithOtherWebhooks()
    {
        receiver.Answer = (http, _) =>
        {
            http.Response.StatusCode = http.Request.Path == "/alerts" ? 503 : 200;
            return Task.CompletedTask;
        };
        foreach (var webhook in (string[])["alerts", "alerts", "other", "unknown"])
            await BuryAsync(webhook);

        var (exit, output, _) = await RunAsync("retry", "--all");

        Assert.Equal(ExitCodes.Failure, exit);
        Assert.Equal(
            "1  alerts  blocked  HTTP 503\n"
            + "2  alerts  blocked  not tried: the webhook did not take the one before\n"
            + "3  other  blocked  delivered\n"
            + "4  unknown  blocked  the configuration has no webhook of this name\n",
            output);
        Assert.Equal([(4, 7, "HTTP 500"), (2, 7, "HTTP 500"), (1, 8, "HTTP 503")], fixture.Store.ReadDeadLetters(10).Select(l => (l.Sequence, l.Attempts, l.Error)));
        Assert.Equal(2, receiver.Count);
    }

    [Fact]
    public async Task Retry_PrivateAddressNotAllowed_IsRefusedHereToo()
    {
        await File.WriteAllTextAsync(Config, $"db_path: {fixture.Path}\nwebhooks: [{{ name: alerts, url: \"{receiver.Url}alerts\" }}]\n");
        await BuryAsync("alerts");

        var (exit, output, _) = await RunAsync("retry", "1");

        Assert.Equal(ExitCodes.Failure, exit);
        Assert.Contains("private", output);
        Assert.Equal(0, receiver.Count);
    }

    [Fact]
    public async Task Drop_ForgetsThoseNamed()
    {
        await BuryAsync("alerts");
        await BuryAsync("alerts");

        Assert.Equal((ExitCodes.Fine, "1 dropped\n", ""), await RunAsync("drop", "1"));

        Assert.Equal(2, Assert.Single(fixture.Store.ReadDeadLetters(10)).Sequence);
        Assert.Equal(0, receiver.Count);
    }

    [Theory]
    [InlineData(ExitCodes.Usage, "which ones?", "drop")]
    [InlineData(ExitCodes.Usage, "which ones?", "retry")]
    [InlineData(ExitCodes.Failure, "no dead letter 9", "drop", "1", "9")]
    public async Task Choice_MissingOrUnknown_SaysSoAndTouchesNothing(int exitCode, string said, params string[] args)
    {
        await BuryAsync("alerts");

        var (exit, _, error) = await RunAsync(args);

        Assert.Equal(exitCode, exit);
        Assert.Contains(said, error);
        Assert.Single(fixture.Store.ReadDeadLetters(10));
    }

    [Fact]
    public async Task Retry_DamagedEvent_SaysSoAndKeepsIt()
    {
        await fixture.Store.AddDeadLetterAsync(new DeadLetter(0, fixture.Time.GetUtcNow(), "alerts", "blocked", "", "{\"event\":1"u8.ToArray(), 1, "x"), CancellationToken.None);

        var (exit, output, _) = await RunAsync("retry", "--all");

        Assert.Equal((ExitCodes.Failure, "1  alerts  blocked  the event cannot be read\n"), (exit, output));
        Assert.EndsWith("\"body\":null}\n", (await RunAsync("list", "--json")).Output);
        Assert.Single(fixture.Store.ReadDeadLetters(10));
    }

    private Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] args) =>
        CommandRun.RunAsync(WebhooksCommand.Create(fixture.Time), [.. args, "--config", Config]);

    private async Task BuryAsync(string webhook) => await fixture.Store.AddDeadLetterAsync(
        new DeadLetter(0, fixture.Time.GetUtcNow(), webhook, "blocked", Events.Blocked().AuditId, JsonPayload.Write(Events.Blocked(), ""), 7, "HTTP 500"), CancellationToken.None);
}
