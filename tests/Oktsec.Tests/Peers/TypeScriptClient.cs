using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Oktsec.Tests.Peers;

/// <summary>The client of the official TypeScript SDK, in a node process of its own (<c>tests/peers/driver.mjs</c>).</summary>
internal sealed class TypeScriptClient : IPeerClient
{
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(90); // above the driver's own 60 s, so that its error is seen

    private readonly Process _process;
    private readonly ConcurrentDictionary<int, TaskCompletionSource<JsonNode>> _waiting = new();
    private readonly TaskCompletionSource<JsonNode> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task<string> _errors;
    private readonly Task _reader;
    private JsonNode? _initialize;
    private int _sequence;

    private TypeScriptClient(Process process)
    {
        _process = process;
        _errors = process.StandardError.ReadToEndAsync();
        _reader = ReadAsync();
    }

    public JsonNode Initialize => _initialize!;

    public HeardMessages Heard { get; } = new();

    public static async Task<TypeScriptClient> ConnectAsync(PeerTarget target, Uri root)
    {
        var start = new ProcessStartInfo("node", [Path.Combine(PeerPaths.Folder, "driver.mjs")])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var client = new TypeScriptClient(Process.Start(start)!);
        await client.WriteAsync(new JsonObject
        {
            ["transport"] = target.Transport,
            ["command"] = target.Command,
            ["args"] = new JsonArray([.. target.Args.Select(a => JsonValue.Create(a))]),
            ["env"] = Map(target.Env),
            ["url"] = target.Url?.ToString(),
            ["headers"] = Map(target.Headers),
            ["capabilities"] = ClientRole.Capabilities,
            ["answers"] = ClientRole.Answers(root),
        });
        client._initialize = await client._ready.Task.WaitAsync(CallTimeout, TestContext.Current.CancellationToken);
        return client;

        static JsonObject Map(IReadOnlyDictionary<string, string> map) => new(map.Select(e => KeyValuePair.Create(e.Key, (JsonNode?)e.Value)));
    }

    public async Task<Answer> AskAsync(string method, JsonNode? parameters, int? cancelAfterProgress = null)
    {
        var reply = await SendAsync(new JsonObject
        {
            ["method"] = method,
            ["params"] = parameters?.DeepClone(),
            ["cancelAfterProgress"] = cancelAfterProgress,
        });
        return new Answer(reply["result"], reply["error"]);
    }

    public Task NotifyAsync(string method, JsonNode? parameters) =>
        SendAsync(new JsonObject { ["notify"] = method, ["params"] = parameters?.DeepClone() });

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        try
        {
            await _process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
        }
        await _reader;
        _process.Dispose();
    }

    private async Task<JsonNode> SendAsync(JsonObject command)
    {
        var sequence = Interlocked.Increment(ref _sequence);
        command["seq"] = sequence;
        var reply = _waiting[sequence] = new TaskCompletionSource<JsonNode>(TaskCreationOptions.RunContinuationsAsynchronously);
        await WriteAsync(command);
        return await reply.Task.WaitAsync(CallTimeout, TestContext.Current.CancellationToken);
    }

    private async Task WriteAsync(JsonObject line)
    {
        await _process.StandardInput.WriteLineAsync(line.ToJsonString());
        await _process.StandardInput.FlushAsync();
    }

    private async Task ReadAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            var message = JsonNode.Parse(line)!;
            if (message["ready"] is { } ready)
                _ready.TrySetResult(ready);
            else if (message["heard"] is { } heard)
                Heard.Add((string)heard["method"]!, heard["params"]);
            else if (_waiting.TryRemove((int)message["seq"]!, out var waiting))
                waiting.TrySetResult(message);
        }
        var gone = new InvalidOperationException("the TypeScript client ended: " + await _errors);
        _ready.TrySetException(gone);
        foreach (var waiting in _waiting.Values)
            waiting.TrySetException(gone);
    }
}
