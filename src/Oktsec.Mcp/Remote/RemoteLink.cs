using System.Text;
using System.Text.Json;
using Oktsec.Mcp.Backends;
using Oktsec.Mcp.Envelope;

namespace Oktsec.Mcp.Remote;

/// <summary>Sends requests to one server, patiently where that is safe, and says what they are in headers.</summary>
/// <param name="Lifetime">Fires when the bridge ends.</param>
/// <param name="OnProblem">Hears what no request is told of.</param>
internal sealed record RemoteLink(
    BackendOptions Options, HttpWire Wire, RemoteOutlet Outlet, ExchangeTable Exchanges, TimeProvider Time, CancellationToken Lifetime, Action<string> OnProblem)
{
    // A server that restarts refuses connections for a moment: four tries within four seconds, which clients do not notice.
    private static readonly TimeSpan[] s_pauses =
        [TimeSpan.FromMilliseconds(250), TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2)];

    private const int LongestError = 64 * 1024; // an error is a code and a sentence

    /// <summary>What the tools that the client has listed want to have in headers.</summary>
    public ToolHeaders Tools { get; } = new();

    /// <summary>Hears every answer with the request it belongs to.</summary>
    public void Heard(Exchange exchange, RpcMessage answer)
    {
        if (exchange is { IsModern: true, Method: Methods.ToolsList } && answer.Kind == RpcKind.Response)
            Tools.Learn(ListResult.Read(answer.Memory(answer.Result), "tools", "name", out _).Items, Options.Limits.MaxDepth);
    }

    public EventReader Events(Stream stream) => new(stream, Options.Limits.MaxBytes);

    /// <summary>POSTs a message; while the server provably does not get it, again.</summary>
    public async Task<HttpResponseMessage> PostAsync(ClientMessage message, ReadOnlyMemory<byte> bytes, RemoteSession session, CancellationToken cancel)
    {
        var request = new WireRequest(HttpMethod.Post, Options.Url!, bytes, $"{WireRequest.Json}, {WireRequest.Events}")
        {
            Session = message.IsModern ? null : session.Id,
            Version = message.Revision ?? session.Version,
            Headers = message.IsModern ? ModernHeaders.Of(message, Tools) : [],
        };
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                return await Wire.SendAsync(request, cancel);
            }
            catch (BackendUnavailableException e) when (attempt < s_pauses.Length && IsRefused(e))
            {
                await Task.Delay(s_pauses[attempt], Time, cancel);
            }
        }
    }

    /// <summary>The JSON-RPC error that some servers put into the body of an error status, under the request's own id; null when there is none.</summary>
    public async Task<byte[]?> ErrorOfAsync(HttpResponseMessage response, byte[] id, CancellationToken cancel)
    {
        if (id.Length == 0 || !HttpWire.Is(response, WireRequest.Json) || await CappedBody.ReadAsync(response, LongestError, cancel) is not { } body)
            return null;
        try
        {
            using var json = JsonDocument.Parse(body.Memory);
            if (json.RootElement.ValueKind != JsonValueKind.Object || !json.RootElement.TryGetProperty("error", out var error) || error.ValueKind != JsonValueKind.Object)
                return null;
            if (json.RootElement.TryGetProperty("id", out var its) && its.ValueKind != JsonValueKind.Null && !IsFor(Encoding.UTF8.GetBytes(its.GetRawText()), id))
                return null;
            return [.. "{\"jsonrpc\":\"2.0\",\"id\":"u8, .. id, .. ",\"error\":"u8, .. Encoding.UTF8.GetBytes(error.GetRawText()), (byte)'}'];
        }
        catch (JsonException)
        {
            return null;
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(body.Rented);
        }
    }

    private static bool IsFor(ReadOnlySpan<byte> its, ReadOnlySpan<byte> id) => RpcIds.AreSame(its, id) || RpcIds.AreSame(RpcIds.Unquoted(its), id);

    private static bool IsRefused(BackendUnavailableException e) =>
        !e.Sent && e.InnerException is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError };
}

/// <summary>What a message of 2026-07-28 says in headers (Streamable HTTP, "Request Metadata").</summary>
internal static class ModernHeaders
{
    /// <param name="tools">Which arguments are repeated in headers, as far as the client has listed the tools.</param>
    public static IReadOnlyList<KeyValuePair<string, string>> Of(ClientMessage message, ToolHeaders tools)
    {
        var parsed = message.Parsed!;
        var headers = new List<KeyValuePair<string, string>> { new("Mcp-Method", HeaderValue.Encode(message.Method)) };
        var name = message.Method switch
        {
            Methods.ToolsCall or Methods.PromptsGet => parsed.NameText,
            Methods.ResourcesRead => parsed.UriText,
            Methods.TasksGet or Methods.TasksUpdate or Methods.TasksCancel => JsonMembers.Text(parsed.Span(parsed.Params), "taskId"u8),
            _ => null,
        };
        if (name is null)
            return headers;
        headers.Add(new("Mcp-Name", HeaderValue.Encode(name)));
        if (message.Method == Methods.ToolsCall && !parsed.Arguments.IsEmpty)
            tools.AddTo(headers, name, parsed.Span(parsed.Arguments));
        return headers;
    }
}
