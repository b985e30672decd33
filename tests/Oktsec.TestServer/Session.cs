using System.Collections.Concurrent;
using System.Text.Json;
using Oktsec.TestServer.Tools;

namespace Oktsec.TestServer;

/// <summary>One MCP session: answers messages, and asks the client when a tool wants it.</summary>
internal sealed class Session(ServerOptions server, Channel unsolicited)
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource<JsonElement>> _asked = [];
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _gates = [];
    private int _lastId;

    public ServerOptions Server => server;

    /// <summary>For messages that belong to no request.</summary>
    public Channel Unsolicited => unsolicited;

    /// <summary>The input was closed: what is still in flight is the last to be read.</summary>
    public bool IsDeaf { get; set; }

    /// <summary>initialize has been heard.</summary>
    public bool IsOpen { get; set; }

    /// <summary>Makes the server forget this session; HTTP only.</summary>
    public Action Lose { get; init; } = () => { };

    public Lists Lists { get; } = new(server);

    public TaskList Tasks { get; } = new(server);

    /// <summary>Raw ids of the requests that the client has cancelled.</summary>
    public ConcurrentDictionary<string, TaskCompletionSource> Cancelled { get; } = [];

    public TaskCompletionSource Gate(string name) => _gates.GetOrAdd(name, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));

    public TaskCompletionSource CancellationOf(string id) => Cancelled.GetOrAdd(id, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));

    public Listeners Listeners { get; } = new();

    /// <summary>Says something of no request: to those who listen for it, or as the session's own word.</summary>
    /// <param name="members">Of the params, as JSON.</param>
    public Task AnnounceAsync(string method, string members = "")
    {
        if (!server.Arguments.Legacy)
            return Listeners.TellAsync(method, members);
        var parameters = members.Length > 0 ? $",\"params\":{{{members}}}" : "";
        return unsolicited.SendAsync($$"""{"jsonrpc":"2.0","method":"{{method}}"{{parameters}}}""");
    }

    /// <summary>Handles one message; errors of the script itself go to stderr and end the process, so that a test sees them.</summary>
    public async Task HandleAsync(ReadOnlyMemory<byte> bytes, Channel channel, IReadOnlyDictionary<string, string>? headers = null, Task? cancelled = null)
    {
        server.Received.Add(bytes.Span);
        try
        {
            await AnswerAsync(bytes, channel, headers, cancelled);
        }
        catch (Exception e)
        {
            await Console.Error.WriteLineAsync($"TestServer: {e}");
            Environment.Exit(70);
        }
    }

    /// <summary>Sends a request to the client and returns the whole response.</summary>
    public async Task<JsonElement> AskAsync(Channel channel, string method, string parameters)
    {
        var id = $"\"ask-{Interlocked.Increment(ref _lastId)}\"";
        var asked = new TaskCompletionSource<JsonElement>(TaskCreationOptions.RunContinuationsAsynchronously);
        _asked[id] = asked;
        await channel.SendAsync($$"""{"jsonrpc":"2.0","id":{{id}},"method":"{{method}}","params":{{parameters}}}""");
        return await asked.Task;
    }

    private async Task AnswerAsync(ReadOnlyMemory<byte> bytes, Channel channel, IReadOnlyDictionary<string, string>? headers, Task? cancelled)
    {
        using var document = JsonDocument.Parse(bytes);
        var message = document.RootElement.Clone();
        if (!message.TryGetProperty("method", out _))
        {
            if (_asked.TryRemove(message.GetProperty("id").GetRawText(), out var asked))
                asked.SetResult(message);
            return;
        }
        var request = new Request(message, this, channel) { Headers = headers ?? new Dictionary<string, string>() };
        if (request.Id is { } id)
            request = request with { Cancelled = cancelled ?? CancellationOf(id).Task };
        await (request.Id is null ? NoteAsync(request) : Methods.AnswerAsync(request));
    }

    private Task NoteAsync(Request notification)
    {
        if (notification.Method == "notifications/cancelled")
            CancellationOf(notification.Params.GetProperty("requestId").GetRawText()).TrySetResult();
        return Task.CompletedTask;
    }
}
