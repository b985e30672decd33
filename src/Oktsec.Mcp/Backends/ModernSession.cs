using Oktsec.Mcp.Envelope;

namespace Oktsec.Mcp.Backends;

/// <summary>What a session is to an agent, on a backend that has none: remembers the log level and the subscriptions, and carries questions to the agent.</summary>
internal sealed class ModernSession
{
    private readonly IBackend _inner;
    private readonly IBackend _outer;
    private readonly IBackendListener _listener;
    private readonly BackendOptions _options;
    private readonly ModernMeta _meta;
    private readonly InputRounds _rounds;
    private readonly ChangeStream _changes;
    private readonly HeaderedTools? _tools;
    private ReadOnlyMemory<byte> _logLevel;

    public ModernSession(
        IBackend inner, IBackend outer, IBackendListener listener, BackendOptions options, TimeProvider time, ReadOnlyMemory<byte> initializeParams)
    {
        (_inner, _outer, _listener, _options) = (inner, outer, listener, options);
        _meta = new ModernMeta(initializeParams);
        _rounds = new InputRounds(outer, listener, options, time, _meta, inner.Closed);
        _tools = options.Transport is BackendTransport.Stdio ? null : new HeaderedTools(options, outer, listener, AskAsync);
        _changes = new ChangeStream(outer, listener, options, time, AskAsync, inner.Handshake!, inner.Closed);
    }

    public void Start() => _changes.Start();

    public void Stop() => _changes.Stop();

    public Task<bool> WatchTaskAsync(string id, CancellationToken cancel) => _changes.WatchTaskAsync(id, cancel);

    public Task UnwatchTaskAsync(string id, CancellationToken cancel) => _changes.UnwatchTaskAsync(id, cancel);

    public async Task<RpcMessage> RequestAsync(BackendRequest request, CancellationToken cancel)
    {
        var response = await AnswerAsync(request, cancel);
        return request.IsModern ? response : SessionView.Result(_options.Name, request, response);
    }

    private Task<RpcMessage> AnswerAsync(BackendRequest request, CancellationToken cancel) => request.Method switch
    {
        Methods.Ping => Task.FromResult(Empty()),
        Methods.SetLevel when !request.IsModern => Task.FromResult(SetLevel(request)),
        Methods.ResourcesSubscribe when !request.IsModern => _changes.SubscribeAsync(Uri(request), cancel),
        Methods.ResourcesUnsubscribe when !request.IsModern => _changes.UnsubscribeAsync(Uri(request), cancel),
        Methods.ToolsList when _tools is not null => _tools.ListAsync(request, cancel),
        Methods.ToolsCall or Methods.PromptsGet or Methods.ResourcesRead => CallAsync(request, cancel),
        _ => AskAsync(request, cancel),
    };

    /// <summary>What the agent sends of itself: answers go to the call that waits for them, what this revision does not have goes nowhere.</summary>
    public ValueTask SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancel)
    {
        if (!EnvelopeReader.TryRead(message, _options.Limits, out var read, out _))
            return ValueTask.CompletedTask;
        if (read.Kind is RpcKind.Response or RpcKind.ErrorResponse)
        {
            _rounds.Answer(read);
            return ValueTask.CompletedTask;
        }
        return read.Method is Methods.RootsChanged or Methods.Progress or Methods.Initialized or Methods.TaskStatus
            ? ValueTask.CompletedTask : _inner.SendAsync(message, cancel);
    }

    /// <summary>Whether something the backend says by itself goes on to the agent.</summary>
    public bool Admits(RpcMessage message)
    {
        if (message.Kind is RpcKind.Notification)
            return _changes.Admits(message);
        // "The server MUST NOT write JSON-RPC requests", and we must not answer any.
        _listener.OnRefused(_outer, new EnvelopeError(
            EnvelopeFault.UnknownShape, -32600, $"a server of {Discover.Modern} must not send requests", default, 0));
        return false;
    }

    private async Task<RpcMessage> CallAsync(BackendRequest request, CancellationToken cancel)
    {
        if (request.IsModern)
            return await HeaderedAsync(request, default, cancel);
        var shape = RequestShape.Of(request.Bytes.Span);
        if (!shape.InputResponses.IsEmpty || !shape.RequestState.IsEmpty)
            return Local(RpcReply.Error("0"u8, -32602, $"inputResponses and requestState belong to {Discover.Modern}"));
        return await _rounds.RunAsync(request, (inputs, end) => HeaderedAsync(request, inputs, end), cancel);
    }

    private Task<RpcMessage> HeaderedAsync(BackendRequest request, ReadOnlyMemory<byte> inputs, CancellationToken cancel) =>
        _tools is null || request.Method is not Methods.ToolsCall
            ? AskAsync(request, inputs, cancel)
            : _tools.CallAsync(end => AskAsync(request, inputs, end), request, cancel);

    private Task<RpcMessage> AskAsync(BackendRequest request, CancellationToken cancel) => AskAsync(request, default, cancel);

    private async Task<RpcMessage> AskAsync(BackendRequest request, ReadOnlyMemory<byte> inputs, CancellationToken cancel)
    {
        var headers = _options.Transport is BackendTransport.Stdio ? null : _options.Era.Headers;
        var response = await _inner.RequestAsync(ModernRequest.Of(request, _meta, _logLevel, inputs, headers), cancel);
        if (response.Kind is not RpcKind.ErrorResponse || Discover.Code(response.Span(response.Error)) != Discover.UnsupportedVersion)
            return response;
        // It was replaced by another version and did nothing: who asks again finds a connection that has asked what it speaks now.
        _options.Era.Forget();
        Stop();
        await _inner.DisposeAsync();
        throw new BackendUnavailableException(_options.Name, $"no longer speaks {Discover.Modern}", sent: false);
    }

    private RpcMessage SetLevel(BackendRequest request)
    {
        if (JsonMembers.Find(Capabilities().Span, "logging"u8).IsEmpty)
            return Local(RpcReply.Error("0"u8, -32601, "Method not found"));
        var shape = RequestShape.Of(request.Bytes.Span);
        var level = JsonMembers.Find(request.Bytes.Span.Slice(shape.Params.Start, shape.Params.Length), "level"u8);
        var value = request.Bytes.Slice(shape.Params.Start + level.Start, level.Length);
        if (level.IsEmpty || value.Span[0] != '"' || !LogLevels.Contains(JsonText.Decode(value.Span)))
            return Local(RpcReply.Error("0"u8, -32602, "params.level is not a log level"));
        _logLevel = value.ToArray();
        return Empty();
    }

    private static readonly string[] LogLevels = ["debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"];

    private ReadOnlyMemory<byte> Capabilities()
    {
        var response = _inner.Handshake!.Response;
        var result = response.Memory(response.Result);
        var range = JsonMembers.Find(result.Span, "capabilities"u8);
        return result.Slice(range.Start, range.Length);
    }

    private static string Uri(BackendRequest request)
    {
        var uri = RequestShape.Of(request.Bytes.Span).Uri;
        return JsonText.Decode(request.Bytes.Span.Slice(uri.Start, uri.Length)); // the envelope reader saw to it that it is a string
    }

    private static RpcMessage Empty() => Local(RpcReply.Result("0"u8, "{}"u8));

    /// <summary>Parts of messages that were accepted, put together: no deeper than the deepest that is ever accepted (512) and a few levels of ours.</summary>
    internal static EnvelopeLimits OwnLimits { get; } = new(int.MaxValue, 1024);

    /// <summary>A message of our own making.</summary>
    internal static RpcMessage Local(ReadOnlyMemory<byte> bytes) =>
        EnvelopeReader.TryRead(bytes, OwnLimits, out var message, out var error)
            ? message : throw new InvalidOperationException(error.Detail);
}
