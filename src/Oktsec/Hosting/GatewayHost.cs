using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Oktsec.Configuration;
using Oktsec.Core.Configuration;
using Oktsec.Core.Pipeline;
using Oktsec.Core.Policy;
using Oktsec.Gateway;
using Oktsec.Mcp.Http;
using Oktsec.Storage.Sqlite;

namespace Oktsec.Hosting;

/// <summary>START HERE. The composition root of the gateway: every part and every route, on one screen.</summary>
internal sealed partial class GatewayHost : IAsyncDisposable
{
    /// <summary>How often idle sessions are looked for; a fraction of the shortest sensible <c>limits.session_idle</c>.</summary>
    private static readonly TimeSpan s_reapEvery = TimeSpan.FromMinutes(1);

    /// <summary>How soon the streams and calls of a revoked token end; its next request is refused at once.</summary>
    private static readonly TimeSpan s_unprovenEvery = TimeSpan.FromSeconds(1);

    /// <summary>How long SIGTERM lets calls under way finish.</summary>
    private static readonly TimeSpan s_drainFor = TimeSpan.FromSeconds(10);

    private readonly WebApplication _app;
    private readonly GatewayParts _parts;
    private readonly ITimer _reaper;
    private readonly ITimer _unproven;
    private readonly ITimer _idle;
    private readonly TimeProvider _time;
    private readonly GatewayOptions _options;
    private readonly ILogger _logger;

    private GatewayHost(WebApplication app, GatewayParts parts, GatewayOptions options, TimeProvider time)
    {
        (_app, _parts, _options, _time) = (app, parts, options, time);
        _logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger<GatewayHost>();
        _reaper = time.CreateTimer(_ => _ = parts.Sessions.ReapAsync(parts.State.Current.Policies.Config.Limits.SessionIdle), null, s_reapEvery, s_reapEvery);
        _unproven = time.CreateTimer(_ => _ = parts.EndUnprovenAsync(), null, s_unprovenEvery, s_unprovenEvery);
        var memory = IdleMemory.OfProcess(() => parts.Sessions.All.Any(s => s.HasCallsUnderWay), () => parts.State.Current.Policies.Scanner);
        _idle = time.CreateTimer(_ => memory.Look(), null, IdleMemory.Every, IdleMemory.Every);
    }

    /// <summary>Where agents connect.</summary>
    public Uri Url { get; private set; } = new("http://localhost");

    public GatewayParts Parts => _parts;

    /// <summary>Starts listening.</summary>
    /// <exception cref="StartException">It cannot start; the message is for a person.</exception>
    public static async Task<GatewayHost> StartAsync(OktsecConfig config, GatewayOptions options, TimeProvider time, CancellationToken cancel)
    {
        config = Overridden(config, options);
        var sockets = Listening.Bind(Listening.Address(config.Gateway, () => KnownTokens.HasActive(config, time)), config.Gateway);
        try
        {
            return await StartAsync(config, options, sockets, time, cancel);
        }
        catch
        {
            foreach (var socket in sockets)
                socket.Dispose(); // once more is harmless where Kestrel has them
            throw;
        }
    }

    private static async Task<GatewayHost> StartAsync(
        OktsecConfig config, GatewayOptions options, IReadOnlyList<Socket> sockets, TimeProvider time, CancellationToken cancel)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.AddOktsecConsole();
        Listening.Transport(builder.WebHost.UseKestrelCore(), sockets).ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null;     // the endpoint has a cap of its own, with a clear answer
            kestrel.Limits.MinResponseDataRate = null;    // a slow reader of a stream is not cut
            kestrel.Limits.MinRequestBodyDataRate = null; // nor a slow sender; the cap bounds what it costs
            Listening.Configure(kestrel, sockets);
        });
        var app = builder.Build();
        var parts = GatewayParts.Create(config, options.IsObserving, app.Services.GetRequiredService<ILoggerFactory>(), time);
        var host = new GatewayHost(app, parts, options, time);
        var mcp = new McpEndpoint(parts.Door, parts.Heartbeat, () => parts.State.Current.FromAgents);
        var path = config.Gateway.EndpointPath;
        app.Run(http => http.Request.Path.Value switch
        {
            var p when p == path => mcp.HandleAsync(http), // POST, GET, DELETE: Streamable HTTP
            "/health" => Health.AnswerAsync(http, parts),  // alive, version, backends
            _ => NotFoundAsync(http, path),
        });
        try
        {
            await app.StartAsync(cancel);
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            await host.DisposeAsync();
            throw e is OperationCanceledException ? e : new StartException($"cannot listen on {config.Gateway.Bind}: {e.Message}", e);
        }
        _ = Task.Run(() => WarmUp.Run(parts.State.Current.Policies, time), CancellationToken.None);
        host.Url = new UriBuilder("http", "localhost", Listening.PortOf(sockets[0]), path).Uri;
        return host;
    }

    /// <summary>Swaps to a new, validated configuration; calls under way end under the old one. A bad file changes nothing and says so.</summary>
    public void Reload(ConfigLoadResult loaded)
    {
        foreach (var problem in loaded.Problems)
            Log.Problem(_logger, problem.ToString());
        if (loaded.Config is not { } read)
        {
            Log.Kept(_logger);
            return;
        }
        var before = _parts.State.Current.Policies.Config;
        var next = Overridden(read, _options);
        foreach (var key in RestartKeys.Changed(before, next))
            Log.NeedsRestart(_logger, key);
        _ = ApplyAsync(next);
    }

    /// <summary>The same for a configuration at hand.</summary>
    public async Task ApplyAsync(OktsecConfig config)
    {
        try
        {
            await _parts.ApplyAsync(Overridden(config, _options), _options.IsObserving);
            Log.Reloaded(_logger, config.McpServers.Count, config.Agents.Count);
        }
        catch (StartException e)
        {
            Log.Problem(_logger, e.Message);
            Log.Kept(_logger);
        }
    }

    /// <summary>Takes no new sessions, lets calls under way finish for a while, then ends everything.</summary>
    public async Task StopAsync()
    {
        _parts.Life.Drain();
        var started = _time.GetTimestamp();
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(50), _time);
        while (_parts.Sessions.All.Any(s => s.HasCallsUnderWay) && _time.GetElapsedTime(started) < s_drainFor && await tick.WaitForNextTickAsync())
        {
        }
        await DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _reaper.DisposeAsync();
        await _unproven.DisposeAsync();
        await _idle.DisposeAsync();
        await Task.WhenAll(_parts.Sessions.All.Select(s => _parts.Requests.CloseAsync(s).AsTask()));
        using (var hurry = new CancellationTokenSource(TimeSpan.FromSeconds(2), _time))
            await _app.StopAsync(hurry.Token);
        await _parts.DisposeAsync();
        await _app.DisposeAsync();
    }

    private static OktsecConfig Overridden(OktsecConfig config, GatewayOptions options) => config with
    {
        Gateway = config.Gateway with
        {
            Port = options.Port ?? config.Gateway.Port,
            PortAuto = options.Port is null && config.Gateway.PortAuto,
            Bind = options.Bind ?? config.Gateway.Bind,
        },
    };

    private static Task NotFoundAsync(HttpContext http, string path)
    {
        http.Response.StatusCode = StatusCodes.Status404NotFound;
        return http.Response.WriteAsync($"nothing here; MCP is at {path}\n");
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.Reloaded, LogLevel.Information, "Configuration reloaded: {Backends} backends, {Agents} agents.")]
        public static partial void Reloaded(ILogger logger, int backends, int agents);

        [LoggerMessage(EventIds.ReloadProblem, LogLevel.Warning, "{Problem}")]
        public static partial void Problem(ILogger logger, string problem);

        [LoggerMessage(EventIds.ReloadRefused, LogLevel.Error, "The configuration has errors; the one before stays in force.")]
        public static partial void Kept(ILogger logger);

        [LoggerMessage(EventIds.NeedsRestart, LogLevel.Warning, "{Key} changed; it takes effect after a restart.")]
        public static partial void NeedsRestart(ILogger logger, string key);
    }
}
