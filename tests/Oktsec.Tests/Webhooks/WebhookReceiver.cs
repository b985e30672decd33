using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Oktsec.Tests.Webhooks;

/// <summary>A service that takes webhooks, on loopback; answers as the test says.</summary>
internal sealed class WebhookReceiver : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly Channel<Post> posts = Channel.CreateUnbounded<Post>();

    private int count;

    private WebhookReceiver(WebApplication app) => this.app = app;

    /// <summary>Given the request and how many there were before it.</summary>
    public Func<HttpContext, int, Task> Answer { get; set; } = (_, _) => Task.CompletedTask;

    public int Count => count;

    public Uri Url { get; private set; } = new("http://localhost");

    public static async Task<WebhookReceiver> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var receiver = new WebhookReceiver(app);
        app.Run(receiver.TakeAsync);
        await app.StartAsync();
        receiver.Url = new Uri(app.Urls.First());
        return receiver;
    }

    public async Task<Post> NextAsync() => await posts.Reader.ReadAsync(TestContext.Current.CancellationToken);

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private async Task TakeAsync(HttpContext http)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body);
        var post = new Post(http.Request.Method, http.Request.Path, http.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString()), body.ToArray());
        await Answer(http, Interlocked.Increment(ref count) - 1);
        await posts.Writer.WriteAsync(post);
    }

    internal sealed record Post(string Method, string Path, Dictionary<string, string> Headers, byte[] Body);
}
