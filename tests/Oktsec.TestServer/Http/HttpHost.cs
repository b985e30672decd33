using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Oktsec.TestServer.Http;

/// <summary>Streamable HTTP at /mcp, HTTP+SSE at /sse, and paths that misbehave.</summary>
internal static class HttpHost
{
    public static async Task<int> RunAsync(ServerOptions server)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(System.Net.IPAddress.Loopback, server.Arguments.Port);
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinResponseDataRate = null;
        });
        builder.Services.AddRoutingCore();
        await using var app = builder.Build();
        app.UseRouting();
        if (server.Arguments.HttpLog is { } log)
            app.Use((http, next) => LogAsync(http, next, log));
        if (server.Arguments.Modern && !server.Arguments.Legacy)
            app.Map("/mcp", new ModernEndpoint(server).HandleAsync);
        else if (!server.Arguments.OnlySse)
            new StreamableEndpoint(server).Map(app, "/mcp");
        new LegacyEndpoint(server).Map(app, "/sse", "/message");
        app.Map("/redirect", http => Redirect(http, server.Arguments.Redirect ?? "/mcp"));
        app.Map("/status/{code:int}", AnswerStatusAsync);
        app.Map("/text", http => http.Response.WriteAsync("hello"));
        await app.StartAsync();
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        await Console.Out.WriteLineAsync($"listening {address}");
        if (server.Arguments.ExitOnEof)
            await Console.In.ReadToEndAsync();
        else
            await app.WaitForShutdownAsync();
        return 0;
    }

    private static Task Redirect(HttpContext http, string target)
    {
        http.Response.StatusCode = StatusCodes.Status307TemporaryRedirect;
        http.Response.Headers.Location = target;
        return Task.CompletedTask;
    }

    private static Task AnswerStatusAsync(HttpContext http)
    {
        http.Response.StatusCode = int.Parse((string)http.GetRouteValue("code")!);
        return http.Response.WriteAsync("a body that nobody shall see");
    }

    // METHOD PATH STATUS session=... version=... last=...
    private static async Task LogAsync(HttpContext http, RequestDelegate next, string file)
    {
        var asked = http.Request.Headers;
        http.Response.OnStarting(() =>
        {
            var line = $"{http.Request.Method} {http.Request.Path} {http.Response.StatusCode} session={asked["Mcp-Session-Id"]} version={asked["MCP-Protocol-Version"]} last={asked["Last-Event-ID"]}\n";
            lock (file)
                File.AppendAllText(file, line);
            return Task.CompletedTask;
        });
        await next(http);
    }
}
