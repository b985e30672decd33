using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;

namespace Oktsec.Mcp.Backends;

/// <summary>One HTTP request to a backend.</summary>
/// <param name="Body">The message of a POST.</param>
/// <param name="Accept">What may come back.</param>
internal sealed record WireRequest(HttpMethod Method, Uri Url, ReadOnlyMemory<byte>? Body, string Accept)
{
    public const string Json = "application/json";
    public const string Events = "text/event-stream";

    public string? Session { get; init; }

    public string? Version { get; init; }

    public string? LastEventId { get; init; }

    /// <summary>What a revision without sessions says in headers about the message.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];
}

/// <summary>Sends requests with the configured headers, follows redirects within the origin, and puts failures into words.</summary>
internal sealed class HttpWire(BackendOptions options)
{
    private const int MaxRedirects = 3; // "/mcp" to "/mcp/" needs one

    // A server on the other side of the world accepts within a second; a dead one shall not use up the start timeout.
    private static readonly TimeSpan s_connectTimeout = TimeSpan.FromSeconds(10);

    // Long streams are silent for hours: the network must notice a dead peer. Half a minute is within the idle time of common NATs.
    private static readonly TimeSpan s_keepAlive = TimeSpan.FromSeconds(30);

    // One for all backends: connections are pooled per origin, and it holds nothing of any session. A server's new address is found in 5 minutes.
    private static readonly HttpMessageInvoker s_invoker = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false, // a cookie would tie sessions of different agents together
        UseProxy = false, // the environment shall not decide who sees the headers
        AutomaticDecompression = DecompressionMethods.None,
        ActivityHeadersPropagator = null, // nothing of the agent's request; trace context goes through _meta
        ConnectTimeout = s_connectTimeout,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        EnableMultipleHttp2Connections = true,
        KeepAlivePingDelay = s_keepAlive,
        ConnectCallback = ConnectAsync,
    });

    // Set by the protocol, whatever is configured.
    private static readonly string[] s_ours =
        ["Accept", "Content-Type", "Content-Length", "Transfer-Encoding", "Connection", "Mcp-Session-Id", "MCP-Protocol-Version", "Last-Event-ID",
            "Mcp-Method", "Mcp-Name"];

    private const string ParameterPrefix = "Mcp-Param-"; // of MCP 2026-07-28: the arguments say them

    /// <summary>What is wrong with the configured url or headers, or null. Values are secrets and never named.</summary>
    public string? Problem()
    {
        if (options.Url is not { IsAbsoluteUri: true, Scheme: "http" or "https" })
            return "its url is not an http or https address; set url";
        foreach (var (name, value) in options.Headers)
        {
            if (value.AsSpan().ContainsAnyExceptInRange(' ', '~') || !IsToken(name))
                return $"its header {(IsToken(name) ? name : "(name)")} has characters that HTTP does not allow; see headers";
        }
        return null;
    }

    /// <summary>Sends and returns the response when its headers are there, whatever its status.</summary>
    /// <exception cref="BackendUnavailableException">It could not be sent, or nothing came back.</exception>
    public async Task<HttpResponseMessage> SendAsync(WireRequest request, CancellationToken cancel)
    {
        for (var hop = 0; ; hop++)
        {
            var response = await SendOnceAsync(request, cancel);
            if (!IsRedirect(response, request.Method))
                return response;
            var target = response.Headers.Location is { } location ? new Uri(request.Url, location) : request.Url;
            response.Dispose();
            if (!IsSameOrigin(target, options.Url!))
                throw Unavailable($"redirects to {target.Scheme}://{target.Authority}, which is not followed; set url to where the server is", sent: false);
            if (hop == MaxRedirects)
                throw Unavailable("redirects in circles; see url", sent: false);
            request = request with { Url = target };
        }
    }

    /// <exception cref="BackendUnavailableException">The status is no success; its inner exception is the <see cref="HttpStatusException"/>.</exception>
    public void ThrowUnlessSuccess(HttpResponseMessage response)
    {
        if (response.IsSuccessStatusCode)
            return;
        var status = new HttpStatusException((int)response.StatusCode);
        throw Unavailable(status.Message, sent: true, status);
    }

    public BackendUnavailableException Unavailable(string reason, bool sent, Exception? inner = null) => new(options.Name, reason, sent, inner);

    public static bool IsSameOrigin(Uri one, Uri other) =>
        Uri.Compare(one, other, UriComponents.SchemeAndServer, UriFormat.SafeUnescaped, StringComparison.OrdinalIgnoreCase) == 0;

    public static bool Is(HttpResponseMessage response, string mediaType) =>
        string.Equals(response.Content.Headers.ContentType?.MediaType, mediaType, StringComparison.OrdinalIgnoreCase);

    private async Task<HttpResponseMessage> SendOnceAsync(WireRequest request, CancellationToken cancel)
    {
        using var message = Message(request);
        try
        {
            return await s_invoker.SendAsync(message, cancel);
        }
        catch (HttpRequestException e)
        {
            throw Unavailable(Describe(e), sent: !NeverConnected(e), e);
        }
        catch (OperationCanceledException e) when (!cancel.IsCancellationRequested)
        {
            throw Unavailable($"cannot be reached within {s_connectTimeout.TotalSeconds:0} s; see url", sent: false, e);
        }
        catch (IOException e)
        {
            throw Unavailable("closed the connection", sent: true, e);
        }
    }

    private HttpRequestMessage Message(WireRequest request)
    {
        var message = new HttpRequestMessage(request.Method, request.Url)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        if (request.Body is { } body)
        {
            message.Content = new ReadOnlyMemoryContent(body);
            message.Content.Headers.ContentType = new MediaTypeHeaderValue(WireRequest.Json);
        }
        foreach (var (name, value) in options.Headers.Where(header => !IsOurs(header.Key)))
        {
            if (!message.Headers.TryAddWithoutValidation(name, value))
                message.Content?.Headers.TryAddWithoutValidation(name, value);
        }
        message.Headers.TryAddWithoutValidation("Accept", request.Accept);
        Add(message, "Mcp-Session-Id", request.Session);
        Add(message, "MCP-Protocol-Version", request.Version);
        Add(message, "Last-Event-ID", request.LastEventId);
        foreach (var (name, value) in request.Headers)
            Add(message, name, value);
        return message;
    }

    private static bool IsOurs(string header) =>
        s_ours.Contains(header, StringComparer.OrdinalIgnoreCase) || header.StartsWith(ParameterPrefix, StringComparison.OrdinalIgnoreCase);

    private static void Add(HttpRequestMessage message, string name, string? value)
    {
        if (value is not null)
            message.Headers.TryAddWithoutValidation(name, value);
    }

    // 301, 302 and 303 make a GET of a POST: for that the server must be configured where it is.
    private static bool IsRedirect(HttpResponseMessage response, HttpMethod method) =>
        (int)response.StatusCode is 307 or 308 || ((int)response.StatusCode is 301 or 302 or 303 && method == HttpMethod.Get);

    private static bool NeverConnected(HttpRequestException e) => e.HttpRequestError is HttpRequestError.NameResolutionError
        or HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError or HttpRequestError.VersionNegotiationError;

    private static string Describe(HttpRequestException e) => e.HttpRequestError switch
    {
        HttpRequestError.NameResolutionError => "cannot be reached: its host name is not known; see url",
        HttpRequestError.ConnectionError when e.InnerException is SocketException socket => $"cannot be reached ({socket.SocketErrorCode}); see url, and whether it runs",
        HttpRequestError.ConnectionError => "cannot be reached; see url, and whether it runs",
        HttpRequestError.SecureConnectionError => $"cannot be reached safely: {e.InnerException?.Message ?? e.Message}",
        HttpRequestError.ResponseEnded => "closed the connection without an answer",
        _ => $"broke the connection ({e.HttpRequestError})",
    };

    private static bool IsToken(string name) => name.Length > 0 && !name.AsSpan().ContainsAnyExcept(
        "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"); // RFC 9110, section 5.6.2

    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancel)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, (int)s_keepAlive.TotalSeconds);
            await socket.ConnectAsync(context.DnsEndPoint, cancel);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
