using System.Text;
using System.Text.Json;
using Oktsec.Mcp.Backends;
using Oktsec.Mcp.Envelope;

namespace Oktsec.Mcp.Tests.Backends;

/// <summary>A connected backend with the test server behind it.</summary>
internal sealed class TestBackend : IAsyncDisposable
{
    public static readonly byte[] InitializeParams =
        """{"protocolVersion":"2025-11-25","capabilities":{"sampling":{},"roots":{},"elicitation":{}},"clientInfo":{"name":"test","version":"1"}}"""u8.ToArray();

    private readonly ServerProcess? _own;

    private TestBackend(IBackend backend, RecordingListener listener, ServerProcess? own)
    {
        Backend = backend;
        Listener = listener;
        _own = own;
    }

    public IBackend Backend { get; }

    public RecordingListener Listener { get; }

    /// <param name="args">Of the server; given, be it empty, the server is this test's own and may be broken.</param>
    public static async Task<TestBackend> ConnectAsync(
        Flavour flavour, string[]? args = null, Func<BackendOptions, BackendOptions>? change = null, TimeProvider? time = null)
    {
        var test = await CreateAsync(flavour, args, change, time);
        await test.ConnectAsync();
        if (flavour.IsModern()) // there, log messages come only where a level is asked for
            (await test.Backend.RequestAsync(Simple("logging/setLevel", """{"level":"debug"}"""), default).WaitAsync(Waits.Long)).Dispose();
        return test;
    }

    public static async Task<TestBackend> CreateAsync(
        Flavour flavour, string[]? args = null, Func<BackendOptions, BackendOptions>? change = null, TimeProvider? time = null)
    {
        var isOwn = args is not null || flavour == Flavour.Stateless || flavour.IsModern(); // those have one session for all
        var own = flavour.IsStdio() || !isOwn ? null : await ServerProcess.StartAsync([.. flavour.ServerArguments(), .. args ?? []]);
        var server = flavour.IsStdio() ? null : own ?? await ServerProcess.SharedAsync(flavour.ServerArguments());
        var options = flavour.Options(server?.Url, args ?? []);
        var listener = new RecordingListener();
        return new TestBackend(BackendFactory.Create(change?.Invoke(options) ?? options, listener, time ?? TimeProvider.System), listener, own);
    }

    public Task ConnectAsync() => Backend.ConnectAsync(InitializeParams, CancellationToken.None).WaitAsync(Waits.Long);

    /// <summary>Calls a tool; the id in the bytes is the agent's and must not matter.</summary>
    public Task<RpcMessage> CallAsync(
        string tool, string arguments = "{}", CancellationToken cancel = default, object? origin = null, string? progressToken = null) =>
        Backend.RequestAsync(Request(tool, arguments, origin, progressToken), cancel);

    /// <summary>Calls a tool and returns its first text, or the error's message.</summary>
    public async Task<string> TextAsync(string tool, string arguments = "{}", object? origin = null)
    {
        using var response = await CallAsync(tool, arguments, origin: origin).WaitAsync(Waits.Long);
        return TextOf(response);
    }

    public static string TextOf(RpcMessage response)
    {
        using var json = JsonDocument.Parse(response.Bytes);
        return json.RootElement.TryGetProperty("error", out var error)
            ? error.GetProperty("message").GetString()!
            : json.RootElement.GetProperty("result").GetProperty("content")[0].GetProperty("text").GetString()!;
    }

    public static BackendRequest Request(string tool, string arguments = "{}", object? origin = null, string? progressToken = null)
    {
        var meta = progressToken is null ? "" : $",\"_meta\":{{\"progressToken\":{progressToken}}}";
        var text = $"{{\"jsonrpc\":\"2.0\",\"id\":\"agent's own\",\"method\":\"tools/call\",\"params\":{{\"name\":\"{tool}\",\"arguments\":{arguments}{meta}}}}}";
        Assert.True(EnvelopeReader.TryRead(Encoding.UTF8.GetBytes(text), EnvelopeLimits.FromAgents, out var message, out var error), error?.Detail);
        return Request(message, origin);
    }

    /// <summary>A request by its method and raw params.</summary>
    public static BackendRequest Simple(string method, string parameters, object? origin = null)
    {
        var text = $"{{\"jsonrpc\":\"2.0\",\"id\":\"agent's own\",\"method\":\"{method}\",\"params\":{parameters}}}";
        Assert.True(EnvelopeReader.TryRead(Encoding.UTF8.GetBytes(text), EnvelopeLimits.FromAgents, out var message, out var error), error?.Detail);
        return Request(message, origin);
    }

    public static BackendRequest Request(RpcMessage message, object? origin = null) => new()
    {
        Bytes = message.Bytes,
        Id = message.Id,
        Method = message.Method,
        ProgressToken = message.Memory(message.ProgressToken),
        Origin = origin,
    };

    public async ValueTask DisposeAsync()
    {
        await Backend.DisposeAsync().AsTask().WaitAsync(Waits.Long);
        if (_own is not null)
            await _own.DisposeAsync();
    }
}
