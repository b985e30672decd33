using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Oktsec.Mcp.Backends;

namespace Oktsec.Mcp.Tests.Backends;

/// <summary>What only a remote server can do.</summary>
public sealed class HttpBackendTests
{
    [Fact]
    public async Task Headers_Request_AreTheProtocolsAndTheConfiguredOnes()
    {
        await using var test = await TestBackend.ConnectAsync(Flavour.Events, change: o => o with
        {
            Headers = new Dictionary<string, string> { ["Authorization"] = "Bearer x y", ["x-team"] = "a,b", ["MCP-Protocol-Version"] = "1999-01-01" },
        });

        var headers = JsonSerializer.Deserialize<Dictionary<string, string>>(await test.TextAsync("headers"))!;

        Assert.Equal("Bearer x y", headers["Authorization"]);
        Assert.Equal("a,b", headers["x-team"]);
        Assert.Equal("2025-11-25", headers["MCP-Protocol-Version"]);
        Assert.Equal("application/json, text/event-stream", headers["Accept"]);
        Assert.Equal("application/json", headers["Content-Type"]);
        Assert.Equal(
            ["Accept", "Authorization", "Content-Length", "Content-Type", "Host", "MCP-Protocol-Version", "Mcp-Session-Id", "x-team"],
            headers.Keys.Order(StringComparer.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Session_Life_IsNamedInEveryRequestAndEndedByDelete()
    {
        var log = Path.Combine(Directory.CreateTempSubdirectory().FullName, "log");
        await using (var test = await TestBackend.ConnectAsync(Flavour.Json, ["--http-log", log], o => o with { Protocol = "2025-11-25" }))
        {
            await test.TextAsync("echo", """{"message":"x"}""");
            await Eventually.TrueAsync(() => File.ReadAllLines(log).Any(line => line.StartsWith("GET ", StringComparison.Ordinal))); // or it may never be sent
        }

        await Eventually.TrueAsync(() => File.ReadAllLines(log).Length == 5);
        var lines = File.ReadAllLines(log);
        Assert.Equal("POST /mcp 200 session= version= last=", lines[0]);
        Assert.Matches("^POST /mcp 202 session=[0-9a-f]{32} version=2025-11-25 last=$", lines[1]);
        Assert.Single(lines, line => line.StartsWith("GET /mcp 200 ", StringComparison.Ordinal));
        Assert.StartsWith("DELETE /mcp 200 ", lines[^1]);
        Assert.Single(lines.Skip(1).Select(line => line.Split(' ')[3]).Distinct());
    }

    [Fact]
    public async Task Session_Lost_CallIsSaidToBeUnsentAndConnectionCloses()
    {
        await using var test = await TestBackend.ConnectAsync(Flavour.Json);
        Assert.Equal("lost", await test.TextAsync("lose_session"));

        var failure = await Assert.ThrowsAsync<BackendUnavailableException>(() => test.CallAsync("echo").WaitAsync(Waits.Long));

        Assert.False(failure.Sent);
        Assert.True(test.Backend.Closed.IsCompleted);
        Assert.Equal("does not know the session any more", await test.Backend.Closed);
    }

    [Fact]
    public async Task Session_LostAtLegacyServer_IsTheSame()
    {
        await using var test = await TestBackend.ConnectAsync(Flavour.Legacy);
        Assert.Equal("lost", await test.TextAsync("lose_session"));

        var failure = await Assert.ThrowsAsync<BackendUnavailableException>(() => test.CallAsync("echo").WaitAsync(Waits.Long));

        Assert.False(failure.Sent);
        Assert.True(test.Backend.Closed.IsCompleted);
    }

    [Fact]
    public async Task Redirect_SameOrigin_IsFollowed()
    {
        await using var test = await TestBackend.ConnectAsync(Flavour.Json, change: o => o with { Url = new Uri(o.Url!, "/redirect") });

        Assert.Equal("there", await test.TextAsync("echo", """{"message":"there"}"""));
    }

    [Fact]
    public async Task Redirect_OtherOrigin_IsRefusedAndNothingIsSentThere()
    {
        var log = Path.Combine(Directory.CreateTempSubdirectory().FullName, "log");
        await using var other = await ServerProcess.StartAsync(["--http", "--http-log", log]);
        await using var test = await TestBackend.CreateAsync(
            Flavour.Json, ["--redirect", $"{other.Url}mcp?secret=1"], o => o with { Url = new Uri(o.Url!, "/redirect") });

        var failure = await Assert.ThrowsAsync<BackendUnavailableException>(test.ConnectAsync);

        Assert.Equal($"redirects to {other.Url.ToString().TrimEnd('/')}, which is not followed; set url to where the server is", failure.Reason);
        Assert.False(File.Exists(log));
    }

    [Fact]
    public async Task Redirect_Circle_Ends()
    {
        await using var test = await TestBackend.CreateAsync(Flavour.Json, ["--redirect", "/redirect"], o => o with { Url = new Uri(o.Url!, "/redirect") });

        Assert.Equal("redirects in circles; see url", (await Assert.ThrowsAsync<BackendUnavailableException>(test.ConnectAsync)).Reason);
    }

    [Theory]
    [InlineData("/status/401", "answered 401 Unauthorized; see headers")]
    [InlineData("/status/404", "answered 404 Not Found; see url")]
    [InlineData("/status/500", "answered status 500")]
    [InlineData("/status/302", "answered status 302")]
    [InlineData("/status/202", "answered with neither JSON nor an event stream; see url")]
    [InlineData("/text", "answered with neither JSON nor an event stream; see url")]
    public async Task Start_OtherAnswer_SaysWhatAndNotTheBody(string path, string reason)
    {
        await using var test = await TestBackend.CreateAsync(Flavour.Json, change: o => o with { Url = new Uri(o.Url!, path) });

        var failure = await Assert.ThrowsAsync<BackendUnavailableException>(test.ConnectAsync);

        Assert.Equal(reason, failure.Reason);
        Assert.False(failure.Sent);
        Assert.DoesNotContain("nobody shall see", failure.ToString());
        Assert.Equal(0, test.Listener.ClosedCount); // it never was connected
    }

    [Theory]
    [InlineData(BackendTransport.StreamableHttp)]
    [InlineData(BackendTransport.LegacySse)]
    [InlineData(BackendTransport.HttpAuto)]
    public async Task Start_NobodyThere_SaysSo(BackendTransport transport)
    {
        await using var test = await TestBackend.CreateAsync(
            Flavour.Json, change: o => o with { Transport = transport, Url = new Uri($"http://127.0.0.1:{UnusedPort()}/mcp") });

        var failure = await Assert.ThrowsAsync<BackendUnavailableException>(test.ConnectAsync);

        Assert.Equal("cannot be reached (ConnectionRefused); see url, and whether it runs", failure.Reason);
        Assert.False(failure.Sent);
    }

    [Theory]
    [InlineData("ftp://127.0.0.1/mcp", "its url is not an http or https address; set url")]
    [InlineData("file:///etc/passwd", "its url is not an http or https address; set url")]
    public async Task Start_OtherScheme_IsRefused(string url, string reason)
    {
        await using var test = await TestBackend.CreateAsync(Flavour.Json, change: o => o with { Url = new Uri(url) });

        Assert.Equal(reason, (await Assert.ThrowsAsync<BackendUnavailableException>(test.ConnectAsync)).Reason);
    }

    [Theory]
    [InlineData("X-Key", "secret\r\nInjected: 1")]
    [InlineData("X-Key", "secret\u00e9")]
    [InlineData("X Key", "secret")]
    public async Task Start_HeaderThatBreaksHttp_IsRefusedWithoutItsValue(string name, string value)
    {
        await using var test = await TestBackend.CreateAsync(
            Flavour.Json, change: o => o with { Headers = new Dictionary<string, string> { [name] = value } });

        var failure = await Assert.ThrowsAsync<BackendUnavailableException>(test.ConnectAsync);

        Assert.Contains("see headers", failure.Reason);
        Assert.DoesNotContain("secret", failure.ToString());
    }

    [Theory]
    [InlineData(Flavour.Legacy)]
    [InlineData(Flavour.Auto)]
    public async Task Endpoint_OtherOrigin_IsRefusedAndNothingIsSentThere(Flavour flavour)
    {
        var log = Path.Combine(Directory.CreateTempSubdirectory().FullName, "log");
        await using var other = await ServerProcess.StartAsync(["--http", "--http-log", log]);
        await using var test = await TestBackend.CreateAsync(flavour, ["--foreign-endpoint", $"{other.Url}message"]);

        var failure = await Assert.ThrowsAsync<BackendUnavailableException>(test.ConnectAsync);

        Assert.Contains("names an endpoint of another origin, which is refused", failure.Reason);
        Assert.False(File.Exists(log));
    }

    [Fact]
    public async Task Auto_NewServer_IsSpokenToInTheNewWay()
    {
        await using var test = await TestBackend.ConnectAsync(Flavour.Events, change: o => o with { Transport = BackendTransport.HttpAuto });

        Assert.Contains("Mcp-Session-Id", await test.TextAsync("headers"));
    }

    [Fact]
    public async Task Auto_NeitherAnswers_SaysBoth()
    {
        await using var test = await TestBackend.CreateAsync(
            Flavour.Json, change: o => o with { Transport = BackendTransport.HttpAuto, Url = new Uri(o.Url!, "/status/404") });

        Assert.Equal(
            "speaks neither Streamable HTTP (POST: answered 404 Not Found; see url) nor HTTP+SSE (GET: answered 404 Not Found; see url)",
            (await Assert.ThrowsAsync<BackendUnavailableException>(test.ConnectAsync)).Reason);
    }

    [Theory]
    [InlineData("false")]
    [InlineData("true")]
    public async Task Stream_CutBeforeResponse_IsResumed(string gracefully)
    {
        var log = Path.Combine(Directory.CreateTempSubdirectory().FullName, "log");
        await using var test = await TestBackend.ConnectAsync(Flavour.Events, ["--event-ids", "--http-log", log]);

        // One event must have come for there to be an id to resume from: an abort throws away what the client has not read yet.
        var call = test.CallAsync("log_then_cut", $$"""{"gracefully":{{gracefully}},"gate":"read"}""");
        Assert.Contains("before the cut", (await test.Listener.NextAsync()).Message);
        await test.TextAsync("release", """{"name":"read"}""");
        if (gracefully == "true")
            await test.Listener.NextLetGoAsync(); // whoever waits for the answer may be let go too

        Assert.Equal("after the cut", TestBackend.TextOf(await call.WaitAsync(Waits.Long)));
        Assert.Single(File.ReadAllLines(log), line => line.StartsWith("GET /mcp 200", StringComparison.Ordinal) && line.EndsWith("-1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Stream_CutWithoutIds_FailsAsMaybeSent()
    {
        await using var test = await TestBackend.ConnectAsync(Flavour.Events);

        var failure = await Assert.ThrowsAsync<BackendUnavailableException>(() => test.CallAsync("log_then_cut").WaitAsync(Waits.Long));

        Assert.True(failure.Sent);
        Assert.Equal("alive", await test.TextAsync("echo", """{"message":"alive"}"""));
    }

    [Fact]
    public async Task Stream_CutAndServerGone_IsNeverSaidToBeUnsent()
    {
        await using var test = await TestBackend.ConnectAsync(Flavour.Events, ["--event-ids"]);

        var failure = await Assert.ThrowsAsync<BackendUnavailableException>(() => test.CallAsync("log_then_crash").WaitAsync(Waits.Long));

        Assert.True(failure.Sent);
    }

    [Fact]
    public async Task ServerStream_Ended_IsOpenedAgain()
    {
        await using var test = await TestBackend.ConnectAsync(Flavour.Json, ["--event-ids"]);
        await test.TextAsync("change_tools", """{"definition":{"name":"one"}}""");
        await test.Listener.NextAsync();
        await test.TextAsync("end_stream");

        await test.TextAsync("change_tools", """{"definition":{"name":"two"}}""");

        Assert.Contains("list_changed", (await test.Listener.NextAsync()).Message);
    }

    [Fact]
    public async Task ServerStream_ServerGone_ClosesWithoutACall()
    {
        await using var server = await ServerProcess.StartAsync(["--http"]);
        await using var test = await TestBackend.ConnectAsync(Flavour.Json, change: o => o with { Url = new Uri(server.Url, "/mcp") });

        server.Kill();

        Assert.Contains("cannot be reached", await test.Backend.Closed.WaitAsync(Waits.Long));
        await Eventually.TrueAsync(() => test.Listener.ClosedCount == 1);
    }

    [Fact]
    public async Task LegacyStream_ServerGone_ClosesWithoutACall()
    {
        await using var test = await TestBackend.ConnectAsync(Flavour.Legacy, args: []);

        _ = test.CallAsync("crash");

        Assert.Contains("event stream", await test.Backend.Closed.WaitAsync(Waits.Long));
    }

    private static int UnusedPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
