using Oktsec.Mcp.Envelope;

namespace Oktsec.Mcp.Backends;

/// <summary>One live connection to one backend: a child process, or a session with a remote server.</summary>
/// <remarks>Thread safe. Knows ids, framing and liveness; knows no policy. One connection serves one agent session unless it is shared.</remarks>
public interface IBackend : IAsyncDisposable
{
    /// <summary>The backend's name in <c>mcp_servers:</c>.</summary>
    string Name { get; }

    /// <summary>What the backend answered to initialize; null before <see cref="ConnectAsync"/> has completed.</summary>
    BackendHandshake? Handshake { get; }

    /// <summary>Completes when the connection takes no more messages, with the reason in words.</summary>
    /// <remarks>Before any call is told that it was not sent: who tries again on that news finds the connection closed and makes a new one.</remarks>
    Task<string> Closed { get; }

    /// <summary>Counts and notes for status, at this moment.</summary>
    BackendStats Stats { get; }

    /// <summary>Starts the process or opens the session, does initialize / notifications/initialized, and begins to read.</summary>
    /// <param name="initializeParams">The JSON object for <c>initialize.params</c> (protocolVersion, capabilities, clientInfo).</param>
    /// <exception cref="BackendUnavailableException">It could not be started or did not answer in <c>StartTimeout</c>.</exception>
    Task ConnectAsync(ReadOnlyMemory<byte> initializeParams, CancellationToken cancel);

    /// <summary>Sends a request under an id of the connection's own and returns the response, whose id is that id (see <see cref="RpcMessage.Id"/>).</summary>
    /// <remarks>
    /// Cancelling sends <c>notifications/cancelled</c> with the connection's id and drops a late response.
    /// The timeout is the backend's call timeout, renewed by progress for <see cref="BackendRequest.ProgressToken"/>.
    /// </remarks>
    /// <exception cref="BackendUnavailableException">The connection ended before the response; says whether the request may have been sent.</exception>
    /// <exception cref="TimeoutException">No response and no progress within the call timeout; the backend was told by notifications/cancelled.</exception>
    Task<RpcMessage> RequestAsync(BackendRequest request, CancellationToken cancel);

    /// <summary>Sends a notification, or the response to a request of the backend, as it is.</summary>
    /// <exception cref="BackendUnavailableException">The connection is over, or the backend did not take the message within the call timeout.</exception>
    ValueTask SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancel);
}

/// <summary>A connection that can ask to be told of single tasks (2026-07-28, the extension io.modelcontextprotocol/tasks: <c>taskIds</c> of subscriptions/listen).</summary>
public interface ITaskWatch
{
    /// <summary>Asks to hear <c>notifications/tasks</c> of one task; false when the backend does not tell of it.</summary>
    Task<bool> WatchTaskAsync(string id, CancellationToken cancel);

    Task UnwatchTaskAsync(string id, CancellationToken cancel);
}

/// <summary>A request on its way to a backend.</summary>
public sealed record BackendRequest
{
    /// <summary>The request's bytes; the connection replaces <see cref="Id"/> with its own id and changes nothing else.</summary>
    public required ReadOnlyMemory<byte> Bytes { get; init; }

    public required ByteRange Id { get; init; }

    /// <summary>The method, for logs and for what a transport must know (HTTP headers of later revisions).</summary>
    public required string Method { get; init; }

    /// <summary>The raw progress token in <see cref="Bytes"/>, or empty.</summary>
    public ReadOnlyMemory<byte> ProgressToken { get; init; }

    /// <summary>What the relay wants back with messages that the backend sends on behalf of this request (see <see cref="IBackendListener"/>).</summary>
    public object? Origin { get; init; }

    /// <summary>The agent speaks 2026-07-28: the request's <c>_meta</c> says what it can do, and a backend's need of input is its to answer.</summary>
    public bool IsModern { get; init; }

    /// <summary>Added to the POST over HTTP.</summary>
    internal IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>Hears the id under which the request goes out, before it does.</summary>
    internal Action<long>? Numbered { get; init; }

    /// <summary>The response ends a long stream, so that no silence is too long.</summary>
    internal bool IsStream { get; init; }
}

/// <summary>Hears what a backend says by itself. Called in order on the connection's read loop: must not block and must not throw.</summary>
public interface IBackendListener
{
    /// <summary>A notification or request of the backend (never a response; ping is answered by the connection).</summary>
    /// <param name="origin">The <see cref="BackendRequest.Origin"/> on whose stream it came (HTTP), or null when the transport cannot tell (stdio).</param>
    void OnMessage(IBackend backend, RpcMessage message, object? origin);

    /// <summary>The backend let go of the stream of a request and wants to be asked again later; whoever waits for it may do the same.</summary>
    void OnLetGo(object? origin);

    /// <summary>A message that was refused (malformed, too large); counted and recorded, never forwarded.</summary>
    void OnRefused(IBackend backend, EnvelopeError error);

    /// <summary>The connection is over: the last call, and only when there was one (<see cref="IBackend.ConnectAsync"/> succeeded).</summary>
    void OnClosed(IBackend backend, string reason);
}

/// <summary>What a backend said of itself at the beginning.</summary>
/// <param name="Response">Its answer to initialize; of a backend without sessions, the same made of its answer to server/discover.</param>
/// <param name="ProtocolVersion">The revision that is spoken with it.</param>
public sealed record BackendHandshake(RpcMessage Response, string ProtocolVersion)
{
    /// <summary>The answer to server/discover; null where initialize was answered.</summary>
    public RpcMessage? Discovered { get; init; }
}

/// <summary>How to reach one backend: one entry of <c>mcp_servers:</c>, resolved.</summary>
public sealed record BackendOptions
{
    public required string Name { get; init; }

    public required BackendTransport Transport { get; init; }

    /// <summary>Executable of a stdio backend, looked up on PATH.</summary>
    public string Command { get; init; } = "";

    public IReadOnlyList<string> Args { get; init; } = [];

    /// <summary>Added to the minimal inherited environment (PATH, HOME, USER, LANG, TERM, TMPDIR and the like).</summary>
    public IReadOnlyDictionary<string, string> Env { get; init; } = new Dictionary<string, string>();

    /// <summary>Working directory, absolute.</summary>
    public string? Cwd { get; init; }

    public Uri? Url { get; init; }

    /// <summary>Sent with every HTTP request. Values may be secrets: never logged.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>Empty to find out. 2026-07-28 is then not fallen back from; an earlier revision is asked for by initialize, without server/discover first.</summary>
    public string Protocol { get; init; } = "";

    /// <summary>
    /// The agent has a session: a child is asked for one first, a server elsewhere that names revisions with sessions among those it speaks is
    /// spoken to in one, and nothing needs to be put into other words.
    /// </summary>
    public bool PrefersSession { get; init; }

    /// <summary>One for all connections to the same backend that are opened alike.</summary>
    public EraMemory Era { get; init; } = new();

    /// <summary>From start to the initialize response. 30 s: a cold <c>npx</c> download fits.</summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// After it a server that says nothing to its first question is asked the other way too, as one that ignores what it does not know. 3 s for an agent
    /// with a session: some clients give a server 10 s in all, and one that still starts reads initialize first whatever follows. For others a third of
    /// <see cref="StartTimeout"/>: initialize would open a server that still starts for another era than the agent's.
    /// </summary>
    public TimeSpan SilencePatience => PrefersSession ? TimeSpan.FromSeconds(3) : StartTimeout / 3;

    /// <summary>Without response or progress. 5 min: twice the longest ordinary build or query; 0 or less = none.</summary>
    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>From closing stdin to SIGTERM, and from there to SIGKILL.</summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(2);

    public EnvelopeLimits Limits { get; init; } = EnvelopeLimits.FromBackends;

    internal bool IsModernOnly => Protocol == Discover.Modern;

    /// <summary>Whether server/discover is asked first.</summary>
    internal bool MayBeModern => IsModernOnly || (Protocol.Length == 0 && Era.Era is not Backends.Era.Legacy);

    /// <summary>Whether initialize comes first over stdio, and server/discover only when it is refused.</summary>
    internal bool OpensWithInitialize => PrefersSession && Protocol.Length == 0 && Era.Era is not Backends.Era.Modern;

    /// <summary>The params of initialize with the revision that is configured, if one is.</summary>
    internal ReadOnlyMemory<byte> Asking(ReadOnlyMemory<byte> initializeParams)
    {
        var version = Protocol.Length == 0 ? default : JsonMembers.Find(initializeParams.Span, "protocolVersion"u8);
        return version.IsEmpty ? initializeParams : Splice.ToArray(initializeParams.Span, [new Edit(version, JsonText.Quote(Protocol))]);
    }
}

public enum BackendTransport : byte
{
    Stdio,
    StreamableHttp,
    LegacySse,

    /// <summary>Streamable HTTP first, legacy HTTP+SSE when the server answers the POST with 4xx (MCP 2025-11-25, Transports, "Backwards Compatibility").</summary>
    HttpAuto,
}

/// <summary>A backend cannot be reached, or was lost.</summary>
/// <param name="sent">Whether the request may have reached the backend; false means it provably was not sent.</param>
public sealed class BackendUnavailableException(string backend, string reason, bool sent, Exception? inner = null)
    : Exception($"backend {backend}: {reason}", inner)
{
    public string Backend { get; } = backend;

    public string Reason { get; } = reason;

    public bool Sent { get; } = sent;

    /// <summary>Whether the backend did answer, with what cannot be passed on: asked again it would only say so again.</summary>
    public bool WasAnswered { get; init; }
}
