using System.Net.Sockets;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Oktsec.Core.Configuration;
using Oktsec.Tests.Storage;
using Oktsec.Tests.Support;
using Oktsec.Webhooks;

namespace Oktsec.Tests.Webhooks;

public sealed class WebhookDispatcherTests : IAsyncLifetime
{
    private readonly StoreFixture fixture = new();
    private readonly ImpatientTime time = new();
    private WebhookReceiver receiver = null!;

    public async ValueTask InitializeAsync() => receiver = await WebhookReceiver.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await receiver.DisposeAsync();
        await fixture.DisposeAsync();
    }

    [Fact(Timeout = 30_000)]
    public async Task Enqueue_Taken_PostsOnceWithSignatureAndHeaders()
    {
        await using (var dispatcher = Start(Hook() with { Secret = "key", Headers = new Dictionary<string, string> { ["Authorization"] = "Bearer t" } }))
            dispatcher.Enqueue(Events.Blocked());

        var post = await receiver.NextAsync();
        Assert.Equal(1, receiver.Count);
        Assert.Equal(("POST", "/hook", "application/json; charset=utf-8"), (post.Method, post.Path, post.Headers["Content-Type"]));
        Assert.Equal(("Bearer t", "blocked"), (post.Headers["Authorization"], post.Headers["X-Oktsec-Event"]));
        Assert.Equal(JsonPayload.Write(Events.Blocked(), ""), post.Body);
        Assert.Equal("1795176000", post.Headers["X-Oktsec-Timestamp"]);
        Assert.Equal(WebhookSignature.Of("key", "1795176000", post.Body), post.Headers["X-Oktsec-Signature"]);
        Assert.Empty(fixture.Store.ReadDeadLetters(10));
    }

    // openssl: printf '1.what do ya want for nothing?' | openssl dgst -sha256 -hmac Jefe
    [Fact]
    public void Signature_IsWhatOpensslComputes() => Assert.Equal("sha256=a9049465ce89cfb8e9aac62333abda66f80e3403f51f57f6bae3c3a4485eca38", WebhookSignature.Of("Jefe", "1", "what do ya want for nothing?"u8));

    [Fact(Timeout = 30_000)]
    public async Task Enqueue_FailsForAWhile_RetriesTheSameDeliveryWithBackoff()
    {
        receiver.Answer = (http, count) => Status(http, count < 3 ? 500 : 204);
        await using (var dispatcher = Start(Hook()))
            dispatcher.Enqueue(Events.Blocked());

        var deliveries = new HashSet<string>();
        for (var i = 0; i < 4; i++)
            deliveries.Add((await receiver.NextAsync()).Headers["X-Oktsec-Delivery"]);
        Assert.Single(deliveries);
        Assert.Equal(3, time.Delays.Count);
        for (var i = 0; i < 3; i++)
            Assert.InRange(time.Delays[i].TotalSeconds, 0.5 * (1 << i), 1 << i);
        Assert.Empty(fixture.Store.ReadDeadLetters(10));
    }

    [Theory(Timeout = 30_000)]
    [InlineData("7", 7)]
    [InlineData("Fri, 20 Nov 2026 12:00:30 GMT", 30)]
    [InlineData("86400", 300)]
    public async Task Enqueue_TooManyRequests_WaitsAsTold(string retryAfter, int seconds)
    {
        receiver.Answer = (http, count) =>
        {
            http.Response.Headers.RetryAfter = retryAfter;
            return Status(http, count == 0 ? 429 : 200);
        };
        await using (var dispatcher = Start(Hook()))
            dispatcher.Enqueue(Events.Blocked());
        Assert.Equal(2, receiver.Count);
        Assert.Equal([TimeSpan.FromSeconds(seconds)], time.Delays);
    }

    [Theory(Timeout = 30_000)]
    [InlineData(404, 1)]
    [InlineData(303, 1)]
    [InlineData(503, 7)]
    public async Task Enqueue_NeverTaken_BecomesADeadLetter(int status, int attempts)
    {
        receiver.Answer = (http, _) => Status(http, status);
        await using (var dispatcher = Start(Hook() with { Url = receiver.Url + "hook?token=s3cr3t", Format = "slack" }))
            dispatcher.Enqueue(Events.Blocked());

        Assert.Equal(attempts, receiver.Count);
        var letter = Assert.Single(fixture.Store.ReadDeadLetters(10));
        Assert.Equal(("hook", "blocked", Events.Blocked().AuditId, attempts, $"HTTP {status}"), (letter.Webhook, letter.Event, letter.AuditId, letter.Attempts, letter.Error));
        using var body = JsonDocument.Parse(letter.Body);
        Assert.Equal("PI-001", body.RootElement.GetProperty("rule").GetString());
    }

    [Fact(Timeout = 30_000)]
    public async Task Enqueue_NobodyListens_BecomesADeadLetterWithoutTheUrl()
    {
        using var free = new TcpListener(System.Net.IPAddress.Loopback, 0);
        free.Start();
        var port = ((System.Net.IPEndPoint)free.LocalEndpoint).Port;
        free.Stop();
        await using (var dispatcher = Start(Hook() with { Url = $"http://127.0.0.1:{port}/services/s3cr3t" }))
            dispatcher.Enqueue(Events.Blocked());
        var letter = Assert.Single(fixture.Store.ReadDeadLetters(10));
        Assert.Equal(7, letter.Attempts);
        Assert.DoesNotContain("s3cr3t", letter.Error + letter.Webhook);
    }

    [Fact(Timeout = 30_000)]
    public async Task Enqueue_NoAnswer_IsGivenUpAfterTheLimit()
    {
        time.Expired = TimeSpan.FromSeconds(10);
        await using (var dispatcher = Start(Hook()))
        {
            dispatcher.Enqueue(Events.Blocked());
        }
        Assert.Equal("no answer within 10 s", Assert.Single(fixture.Store.ReadDeadLetters(10)).Error);
    }

    [Theory(Timeout = 30_000)]
    [InlineData("127.0.0.1")]
    [InlineData("localhost")]
    [InlineData("2130706433")]
    [InlineData("0x7f.1")]
    [InlineData("[::1]")]
    [InlineData("[::ffff:127.0.0.1]")]
    public async Task Enqueue_PrivateAddress_IsRefusedUnlessAllowed(string host)
    {
        await using (var dispatcher = Start(Hook() with { Url = $"http://{host}:{receiver.Url.Port}/hook", AllowPrivate = false }))
            dispatcher.Enqueue(Events.Blocked());
        Assert.Equal(0, receiver.Count);
        var letter = Assert.Single(fixture.Store.ReadDeadLetters(10));
        Assert.Equal(1, letter.Attempts);
        Assert.Contains("allow_private", letter.Error);
    }

    [Theory(Timeout = 30_000)]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task Enqueue_RedirectToAnotherOrigin_FollowsWithoutWhatProvesUs(int status)
    {
        await using var other = await WebhookReceiver.StartAsync();
        receiver.Answer = (http, _) => Redirect(http, status, $"{other.Url}moved");
        await using (var dispatcher = Start(Hook() with { Secret = "key", Headers = new Dictionary<string, string> { ["X-Api-Key"] = "k" } }))
            dispatcher.Enqueue(Events.Blocked());

        Assert.Equal("k", (await receiver.NextAsync()).Headers["X-Api-Key"]);
        var post = await other.NextAsync();
        Assert.Equal(("POST", "/moved"), (post.Method, post.Path));
        Assert.Equal(JsonPayload.Write(Events.Blocked(), ""), post.Body);
        Assert.DoesNotContain("X-Api-Key", post.Headers.Keys);
        Assert.DoesNotContain("X-Oktsec-Signature", post.Headers.Keys);
    }

    [Fact(Timeout = 30_000)]
    public async Task Enqueue_RedirectWithinTheOrigin_KeepsThem()
    {
        receiver.Answer = (http, count) => count == 0 ? Redirect(http, 308, "/moved") : Task.CompletedTask;
        await using (var dispatcher = Start(Hook() with { Secret = "key" }))
            dispatcher.Enqueue(Events.Blocked());
        await receiver.NextAsync();
        Assert.Contains("X-Oktsec-Signature", (await receiver.NextAsync()).Headers.Keys);
    }

    [Theory(Timeout = 30_000)]
    [InlineData("http://localhost:{0}/", "private address")] // allow_private was said of 127.0.0.1
    [InlineData("file:///etc/passwd", "redirected from http to file")]
    [InlineData("gopher://127.0.0.1/", "redirected from http to gopher")]
    [InlineData("/again", "redirected more than 3 times")]
    [InlineData("", "redirected to nowhere")]
    public async Task Enqueue_RedirectElsewhere_IsRefused(string location, string error)
    {
        receiver.Answer = (http, _) => Redirect(http, 307, string.Format(location, receiver.Url.Port));
        await using (var dispatcher = Start(Hook()))
            dispatcher.Enqueue(Events.Blocked());
        var letter = Assert.Single(fixture.Store.ReadDeadLetters(10));
        Assert.Contains(error, letter.Error);
        Assert.Equal(1, letter.Attempts);
        Assert.Equal(location == "/again" ? 4 : 1, receiver.Count);
    }

    [Fact(Timeout = 30_000)]
    public async Task Enqueue_QueueFull_CountsAndGoesOn()
    {
        var hold = new TaskCompletionSource();
        receiver.Answer = (_, count) => count == 0 ? hold.Task : Task.CompletedTask;
        var sender = new WebhookSender(time);
        var logger = new RecordingLogger();
        var queue = new WebhookQueue(WebhookTarget.Of(Hook())!, sender, fixture.Store, time, logger);
        for (var i = 0; i < 3000; i++)
            queue.Enqueue(Events.Blocked(), "");
        // One is on its way or all are still waiting: a thousand or one more are kept.
        Assert.InRange(queue.Dropped, 1999, 2000);
        Assert.Contains(logger.Lines, l => l.Contains("hook does not keep up"));
        hold.SetResult();
        await queue.DisposeAsync();
        Assert.Equal(3000, receiver.Count + queue.Dropped);
        sender.Dispose();
    }

    [Fact(Timeout = 30_000)]
    public async Task Dispose_ReceiverHangs_KeepsWhatWaitsAsDeadLetters()
    {
        var reached = new TaskCompletionSource();
        receiver.Answer = async (http, _) =>
        {
            reached.TrySetResult();
            await Task.Delay(Timeout.Infinite, http.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        };
        var dispatcher = Start(Hook());
        dispatcher.Enqueue(Events.Blocked());
        dispatcher.Enqueue(Events.Blocked() with { AuditId = "second" });
        await reached.Task;
        time.Expired = TimeSpan.FromSeconds(2);
        await dispatcher.DisposeAsync();
        Assert.Equal(["second", Events.Blocked().AuditId], fixture.Store.ReadDeadLetters(10).Select(l => l.AuditId));
    }

    [Fact(Timeout = 30_000)]
    public async Task Configure_TargetGoes_OthersKeepTheirQueue()
    {
        await using var other = await WebhookReceiver.StartAsync();
        var gone = Hook() with { Name = "gone", Url = other.Url + "gone" };
        await using (var dispatcher = Start(Hook(), gone))
        {
            dispatcher.Enqueue(Events.Blocked());
            dispatcher.Configure(new OktsecConfig { Webhooks = [Hook()] });
            dispatcher.Enqueue(Events.Blocked());
            await other.NextAsync(); // what waited was delivered
        }
        Assert.Equal((2, 1), (receiver.Count, other.Count));
    }

    private WebhookDispatcher Start(params WebhookConfig[] hooks) =>
        new(new OktsecConfig { Webhooks = hooks }, fixture.Store, time, NullLogger<WebhookDispatcher>.Instance);

    private WebhookConfig Hook() => new() { Name = "hook", Url = receiver.Url + "hook", AllowPrivate = true };

    private static Task Status(HttpContext http, int status)
    {
        http.Response.StatusCode = status;
        return Task.CompletedTask;
    }

    private static Task Redirect(HttpContext http, int status, string location)
    {
        if (location.Length > 0)
            http.Response.Headers.Location = location;
        return Status(http, status);
    }
}
