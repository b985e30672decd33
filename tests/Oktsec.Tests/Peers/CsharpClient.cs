// Sampling and roots are deprecated in a later revision of the protocol; the revisions tested here have them.
#pragma warning disable MCP9005
using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace Oktsec.Tests.Peers;

/// <summary>The client of the official C# SDK.</summary>
internal sealed class CsharpClient : IPeerClient
{
    private static readonly TimeSpan CallTimeout = TimeSpan.FromMinutes(3); // many times the longest call of any walk

    private readonly ConcurrentDictionary<string, JsonNode> _errors = new();
    private readonly ConcurrentQueue<RequestId> _sent = new();
    private McpClient _client = null!;
    private JsonNode? _initialize;
    private Action _onProgress = () => { };

    public JsonNode Initialize => _initialize!;

    /// <summary>The revision that is spoken.</summary>
    public string? Negotiated => _client.NegotiatedProtocolVersion;

    public HeardMessages Heard { get; } = new();

    /// <param name="protocolVersion">The revision to ask for; null lets the SDK begin with its newest, which has no sessions, and fall back.</param>
    public static async Task<CsharpClient> ConnectAsync(PeerTarget target, Uri root, string? protocolVersion)
    {
        var peer = new CsharpClient();
        var transport = new RecordingTransport(Open(target), peer.OnReceived, peer.OnSent);
        peer._client = await McpClient.CreateAsync(transport, Options(root, protocolVersion), cancellationToken: TestContext.Current.CancellationToken);
        return peer;
    }

    public async Task<Answer> AskAsync(string method, JsonNode? parameters, int? cancelAfterProgress = null)
    {
        using var cancel = new CancellationTokenSource(CallTimeout);
        var seen = 0;
        var cancelled = false;
        _onProgress = () =>
        {
            if (++seen == cancelAfterProgress)
            {
                cancelled = true;
                cancel.Cancel();
            }
        };
        _sent.Clear();
        try
        {
            var response = await _client.SendRequestAsync(
                new JsonRpcRequest { Method = method, Params = parameters?.DeepClone() }, cancel.Token);
            return new Answer(response.Result ?? new JsonObject(), null);
        }
        catch (OperationCanceledException) when (cancelled)
        {
            return Answer.Cancelled;
        }
        catch (McpException e)
        {
            var error = _sent.Select(id => _errors.GetValueOrDefault(id.ToString())).FirstOrDefault(x => x is not null);
            return new Answer(null, error ?? new JsonObject { ["thrown"] = e.ToString() });
        }
    }

    public Task NotifyAsync(string method, JsonNode? parameters) =>
        _client.SendMessageAsync(new JsonRpcNotification { Method = method, Params = parameters?.DeepClone() });

    public ValueTask DisposeAsync() => _client.DisposeAsync();

    private void OnSent(JsonRpcMessage message)
    {
        if (message is JsonRpcRequest request)
            _sent.Enqueue(request.Id);
    }

    private void OnReceived(JsonRpcMessage message)
    {
        switch (message)
        {
            case JsonRpcNotification n:
                Heard.Add(n.Method, n.Params);
                if (n.Method == NotificationMethods.ProgressNotification)
                    _onProgress();
                break;
            case JsonRpcRequest r:
                Heard.Add(r.Method, r.Params);
                break;
            case JsonRpcError e:
                _errors[e.Id.ToString()] = JsonSerializer.SerializeToNode(e.Error, McpJsonUtilities.DefaultOptions)!;
                break;
            case JsonRpcResponse { Result: JsonObject result } when _initialize is null && result.ContainsKey("serverInfo"):
                _initialize = result.DeepClone();
                break;
        }
    }

    private static IClientTransport Open(PeerTarget target)
    {
        if (target.Transport == "stdio")
        {
            return new StdioClientTransport(new StdioClientTransportOptions
            {
                Command = target.Command,
                ShutdownTimeout = TimeSpan.FromSeconds(1), // server-postgres ignores the end of its input
                Arguments = [.. target.Args],
                EnvironmentVariables = target.Env.ToDictionary(e => e.Key, e => (string?)e.Value),
            });
        }
        return new HttpClientTransport(new HttpClientTransportOptions
        {
            Endpoint = target.Url!,
            TransportMode = target.Transport == "sse" ? HttpTransportMode.Sse : HttpTransportMode.StreamableHttp,
            AdditionalHeaders = target.Headers.ToDictionary(h => h.Key, h => h.Value),
        });
    }

    private static McpClientOptions Options(Uri root, string? protocolVersion)
    {
        var answers = ClientRole.Answers(root);
        return new McpClientOptions
        {
            ClientInfo = new Implementation { Name = "oktsec-peer", Version = "1.0.0" },
            ProtocolVersion = protocolVersion,
            // Five seconds, else: what it falls back to then depends on how busy the machine is.
            DiscoverProbeTimeout = CallTimeout,
            InitializationTimeout = 2 * CallTimeout,
            Capabilities = ClientRole.Capabilities.Deserialize<ClientCapabilities>(McpJsonUtilities.DefaultOptions),
            Handlers = new McpClientHandlers
            {
                SamplingHandler = (_, _, _) => ValueTask.FromResult(Answered<CreateMessageResult>("sampling/createMessage")),
                ElicitationHandler = (request, _) => ValueTask.FromResult(
                    Answered<ElicitResult>(request?.Mode == "url" ? "elicitation/create:url" : "elicitation/create")),
                RootsHandler = (_, _) => ValueTask.FromResult(Answered<ListRootsResult>("roots/list")),
            },
        };

        T Answered<T>(string method) => answers[method].Deserialize<T>(McpJsonUtilities.DefaultOptions)!;
    }
}
