using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Oktsec.Tests.StdioProxy;

/// <summary>A request as it arrived.</summary>
internal sealed record Arrived(string Method, string Path, string Body, IReadOnlyDictionary<string, string> Headers);

/// <summary>An HTTP server that answers whatever a test says, and remembers what it was asked.</summary>
internal sealed class FakeRemote : IAsyncDisposable
{
    private readonly WebApplication _app;

    private FakeRemote(WebApplication app) => _app = app;

    public ConcurrentQueue<Arrived> Requests { get; } = new();

    public Uri Url { get; private set; } = null!;

    public static async Task<FakeRemote> StartAsync(Func<HttpContext, Arrived, Task> answer)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0));
        var remote = new FakeRemote(builder.Build());
        remote._app.Run(async http =>
        {
            using var reader = new StreamReader(http.Request.Body, Encoding.Latin1);
            var body = await reader.ReadToEndAsync();
            var arrived = new Arrived(http.Request.Method, http.Request.Path, body, http.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase));
            remote.Requests.Enqueue(arrived);
            await answer(http, arrived);
        });
        await remote._app.StartAsync();
        var address = remote._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        remote.Url = new Uri(new Uri(address), "/mcp");
        return remote;
    }

    /// <summary>The raw id of a request's body, or empty.</summary>
    public static string IdOf(string body)
    {
        var at = body.IndexOf("\"id\":", StringComparison.Ordinal);
        return at < 0 ? "" : body[(at + 5)..body.IndexOfAny([',', '}'], at)];
    }

    public static Task JsonAsync(HttpContext http, string body, int status = 200)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        return http.Response.WriteAsync(body, Encoding.Latin1);
    }

    public static async Task EventAsync(HttpContext http, string data)
    {
        http.Response.ContentType = "text/event-stream";
        await http.Response.WriteAsync($"data: {data}\n\n");
        await http.Response.Body.FlushAsync();
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _app.StopAsync(now.Token); // streams that are open do not keep it
        await _app.DisposeAsync();
    }
}
