using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Oktsec.Mcp.Backends;

namespace Oktsec.Mcp.Tests.Backends;

/// <summary>What becomes of single exchanges, seen from a server inside the test.</summary>
public sealed class HttpExchangeTests : IAsyncLifetime
{
    private readonly TaskCompletionSource _arrived = new();
    private readonly TaskCompletionSource _left = new();
    private WebApplication? _app;
    private Func<HttpContext, string, Task> _answer = (_, _) => Task.CompletedTask;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _app = builder.Build();
        _app.Run(AnswerAsync);
        await _app.StartAsync();
    }

    public async ValueTask DisposeAsync() => await _app!.DisposeAsync();

    [Fact]
    public async Task Cancel_Waiting_LetsTheExchangeGo()
    {
        _answer = async (http, _) =>
        {
            _arrived.SetResult();
            http.RequestAborted.Register(_left.SetResult);
            await _left.Task;
        };
        await using var backend = await ConnectAsync();
        using var cancel = new CancellationTokenSource();
        var call = backend.RequestAsync(TestBackend.Request("hang"), cancel.Token);
        await _arrived.Task.WaitAsync(Waits.Long);

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.WaitAsync(Waits.Long));
        await _left.Task.WaitAsync(Waits.Long);
    }

    [Fact]
    public async Task Stream_GoesOnAfterTheResponse_IsLeftAfterAWhile()
    {
        var time = new ManualTime();
        _answer = async (http, id) =>
        {
            http.RequestAborted.Register(_left.SetResult);
            http.Response.ContentType = "text/event-stream";
            await http.Response.WriteAsync($"data: {{\"jsonrpc\":\"2.0\",\"id\":{id},\"result\":{{}}}}\n\n");
            await http.Response.Body.FlushAsync();
            await _left.Task;
        };
        await using var backend = await ConnectAsync(time);
        using var response = await backend.RequestAsync(TestBackend.Request("x"), default).WaitAsync(Waits.Long);

        await Eventually.TrueAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return _left.Task.IsCompleted;
        });
    }

    [Theory]
    [InlineData(400, true)]
    [InlineData(500, true)]
    [InlineData(400, false)]
    public async Task Status_WithJsonRpcError_IsTheResponseWhenItsIdIs(int status, bool isOurs)
    {
        _answer = (http, id) =>
        {
            http.Response.StatusCode = status;
            http.Response.ContentType = "application/json";
            return http.Response.WriteAsync($"{{\"jsonrpc\":\"2.0\",\"id\":{(isOurs ? id : "99")},\"error\":{{\"code\":-32050,\"message\":\"no\"}}}}");
        };
        await using var backend = await ConnectAsync();
        var call = backend.RequestAsync(TestBackend.Request("x"), default).WaitAsync(Waits.Long);

        if (isOurs)
            Assert.Equal("no", TestBackend.TextOf(await call));
        else
            Assert.Equal("answered status 400", (await Assert.ThrowsAsync<BackendUnavailableException>(() => call)).Reason);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":12345,\"result\":{}}")]
    [InlineData("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\"}")]
    public async Task Json_NotTheResponse_EndsTheCall(string body)
    {
        _answer = (http, _) =>
        {
            http.Response.ContentType = "application/json";
            return http.Response.WriteAsync(body);
        };
        await using var backend = await ConnectAsync();

        var failure = await Assert.ThrowsAsync<BackendUnavailableException>(
            () => backend.RequestAsync(TestBackend.Request("x"), default).WaitAsync(Waits.Long));

        Assert.Equal((true, "ended its answer without the response"), (failure.Sent, failure.Reason));
    }

    [Fact]
    public async Task Compressed_Answer_IsNotUnpacked()
    {
        _answer = (http, id) =>
        {
            http.Response.ContentType = "application/json";
            http.Response.Headers.ContentEncoding = "gzip";
            return http.Response.Body.WriteAsync(new byte[] { 0x1F, 0x8B, 8, 0 }).AsTask();
        };
        await using var backend = await ConnectAsync();

        await Assert.ThrowsAsync<BackendUnavailableException>(() => backend.RequestAsync(TestBackend.Request("x"), default).WaitAsync(Waits.Long));
    }

    [Theory]
    [InlineData("a b")]
    [InlineData("")]
    public async Task Session_IdThatNoServerMayGive_IsRefused(string id)
    {
        await using var backend = Create(TimeProvider.System, id);

        var failure = await Assert.ThrowsAsync<BackendUnavailableException>(
            () => backend.ConnectAsync(TestBackend.InitializeParams, default).WaitAsync(Waits.Long));

        Assert.Contains("session id", failure.Reason);
    }

    [Theory]
    [InlineData("2025-11-25\\r\\nX: 1")]
    [InlineData("")]
    [InlineData("0123456789012345678901234567890123456789")]
    public async Task Version_ThatDoesNotFitIntoAHeader_IsRefused(string version)
    {
        _answer = (http, id) => JsonAsync(http, id, $$"""{"protocolVersion":"{{version}}"}""");
        await using var backend = Create(TimeProvider.System, "custom");

        var failure = await Assert.ThrowsAsync<BackendUnavailableException>(
            () => backend.ConnectAsync(TestBackend.InitializeParams, default).WaitAsync(Waits.Long));

        Assert.Equal("its initialize result has no valid protocolVersion", failure.Reason);
    }

    private async Task<IBackend> ConnectAsync(TimeProvider? time = null)
    {
        var backend = Create(time ?? TimeProvider.System, "s");
        await backend.ConnectAsync(TestBackend.InitializeParams, default).WaitAsync(Waits.Long);
        return backend;
    }

    // The path tells the server what to answer to initialize.
    private IBackend Create(TimeProvider time, string session)
    {
        var address = _app!.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        return BackendFactory.Create(
            new BackendOptions
            {
                Name = "test",
                Transport = BackendTransport.StreamableHttp,
                Protocol = "2025-11-25", // what is asked first is another test's
                Url = new Uri($"{address}/?session={Uri.EscapeDataString(session)}"),
            },
            new RecordingListener(),
            time);
    }

    private async Task AnswerAsync(HttpContext http)
    {
        var body = http.Request.Method == "POST" ? await JsonDocument.ParseAsync(http.Request.Body) : null;
        var method = body?.RootElement.TryGetProperty("method", out var name) is true ? name.GetString() : null;
        if (body is null)
            http.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
        else if (method == "initialize" && http.Request.Query["session"] != "custom")
        {
            http.Response.Headers["Mcp-Session-Id"] = http.Request.Query["session"];
            await JsonAsync(http, body.RootElement.GetProperty("id").GetRawText(), """{"protocolVersion":"2025-11-25","capabilities":{},"serverInfo":{"name":"x","version":"1"}}""");
        }
        else if (method == "ping")
            await JsonAsync(http, body.RootElement.GetProperty("id").GetRawText(), "{}"); // the session is known
        else if (body.RootElement.TryGetProperty("id", out var id))
            await _answer(http, id.GetRawText());
        else
            http.Response.StatusCode = StatusCodes.Status202Accepted;
    }

    private static Task JsonAsync(HttpContext http, string id, string result)
    {
        http.Response.ContentType = "application/json";
        return http.Response.WriteAsync($"{{\"jsonrpc\":\"2.0\",\"id\":{id},\"result\":{result}}}");
    }
}
