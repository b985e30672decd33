using System.Text.Json;
using Oktsec.Mcp.Envelope;

namespace Oktsec.Mcp.Backends;

/// <summary>One subscriptions/listen request, from the asking to the end of its stream.</summary>
internal sealed class Listening(CancellationToken stop)
{
    private const int MethodNotFound = -32601;

    private readonly CancellationTokenSource _end = CancellationTokenSource.CreateLinkedTokenSource(stop);
    private readonly TaskCompletionSource _settled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile HashSet<string>? _uris;

    /// <summary>The request's id, which is the subscription's too.</summary>
    public long Id { get; set; } = -1;

    /// <summary>Completes with the acknowledgement, or with the end of the stream.</summary>
    public Task Settled => _settled.Task;

    public bool IsAcknowledged => _uris is not null;

    /// <summary>Another stream took its place.</summary>
    public bool IsReplaced { get; private set; }

    /// <summary>The error it ended with, if one.</summary>
    public RpcMessage? Error { get; private set; }

    /// <summary>The server has no such streams.</summary>
    public bool IsUnknown => Error is { } error && Discover.Code(error.Span(error.Error)) == MethodNotFound;

    /// <summary>Fires when it is to end: over HTTP the stream is closed, over stdio the server is told.</summary>
    public CancellationToken Ending => _end.Token;

    public bool Honours(string uri) => _uris?.Contains(uri) == true;

    public void Acknowledge(RpcMessage message)
    {
        var uris = new HashSet<string>(StringComparer.Ordinal);
        var parameters = message.Span(message.Params);
        var filter = JsonMembers.Find(parameters, "notifications"u8);
        var agreed = filter.IsEmpty ? default : parameters.Slice(filter.Start, filter.Length);
        var list = JsonMembers.Find(agreed, "resourceSubscriptions"u8);
        if (!list.IsEmpty)
        {
            var reader = new Utf8JsonReader(agreed.Slice(list.Start, list.Length), JsonMembers.AnyDepth);
            while (reader.Read())
            {
                if (reader.TokenType == JsonTokenType.String && reader.CurrentDepth == 1)
                    uris.Add(reader.GetString()!);
            }
        }
        _uris = uris;
        _settled.TrySetResult();
    }

    public void Replace()
    {
        IsReplaced = true;
        End();
    }

    public void End() => _ = _end.CancelAsync();

    public void Ended(RpcMessage? response)
    {
        if (response is { Kind: RpcKind.ErrorResponse })
            Error = response;
        _settled.TrySetResult();
    }
}
