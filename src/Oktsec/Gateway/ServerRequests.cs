using System.Collections.Concurrent;
using Oktsec.Mcp.Envelope;

namespace Oktsec.Gateway;

/// <summary>A request of a backend (sampling, elicitation, roots) that an agent has been asked.</summary>
/// <param name="Slot">Who asked.</param>
/// <param name="Id">The backend's id, raw.</param>
/// <param name="Method">What was asked, for records.</param>
/// <param name="ProgressToken">The raw token the agent may report progress under; empty without one.</param>
internal sealed record ServerRequest(BackendSlot Slot, ReadOnlyMemory<byte> Id, string Method, ReadOnlyMemory<byte> ProgressToken);

/// <summary>Requests of backends waiting for one agent's answer, under ids of ours: only the owner of the session can answer them.</summary>
internal sealed class ServerRequests
{
    /// <summary>256 unanswered questions: no client shows a person more; beyond it a backend is refused.</summary>
    private const int Most = 256;

    private readonly ConcurrentDictionary<long, ServerRequest> _waiting = new();
    private long _last;

    /// <summary>Our id for the request, or 0 when too many wait.</summary>
    public long Add(ServerRequest request)
    {
        if (_waiting.Count >= Most)
            return 0;
        var id = Interlocked.Increment(ref _last);
        _waiting[id] = request;
        return id;
    }

    /// <summary>Takes the request that an answer's raw id belongs to; null when nobody asked.</summary>
    public ServerRequest? Take(ReadOnlySpan<byte> id) => RpcIds.TryGetNumber(RpcIds.Unquoted(id), out var number) && _waiting.TryRemove(number, out var request) ? request : null;

    public void Remove(long id) => _waiting.TryRemove(id, out _);

    /// <summary>Our id for a request of a backend that it now cancels; 0 when it is answered already.</summary>
    public long Find(BackendSlot slot, ReadOnlySpan<byte> backendId)
    {
        foreach (var (id, request) in _waiting)
        {
            if (request.Slot == slot && request.Id.Span.SequenceEqual(backendId))
                return id;
        }
        return 0;
    }

    /// <summary>The backend that waits for progress under this token, or null.</summary>
    public BackendSlot? ByProgress(ReadOnlySpan<byte> token)
    {
        foreach (var request in _waiting.Values)
        {
            if (!request.ProgressToken.IsEmpty && request.ProgressToken.Span.SequenceEqual(token))
                return request.Slot;
        }
        return null;
    }
}
