using Oktsec.Mcp.Envelope;

namespace Oktsec.Mcp.Backends;

/// <summary>What is the same about the answer to a POST in every revision of Streamable HTTP.</summary>
internal static class HttpAnswer
{
    private const int LongestError = 64 * 1024; // an error is a code and a sentence

    /// <summary>Takes in a JSON answer.</summary>
    public static async Task ReadJsonAsync(HttpLink link, PendingCall call, HttpResponseMessage response, CancellationToken cancel)
    {
        if (await CappedBody.ReadAsync(response, link.Options.Limits.MaxBytes, cancel) is { } body)
            link.Intake.Take(body.Memory, body.Rented, call.Request.Origin)?.Queue();
        else
            link.Intake.RefuseTooLarge(call.Id);
    }

    /// <summary>The JSON-RPC error of an answer whose status is an error too; null when its body is none for this call.</summary>
    public static async Task<RpcMessage?> ReadErrorAsync(HttpLink link, PendingCall call, HttpResponseMessage response, CancellationToken cancel) =>
        HttpWire.Is(response, WireRequest.Json)
        && await CappedBody.ReadAsync(response, LongestError, cancel) is { } body
        && EnvelopeReader.TryRead(body.Memory, link.Options.Limits, out var message, out _)
        && message.Kind is RpcKind.ErrorResponse
        && RpcIds.TryGetNumber(RpcIds.Unquoted(message.Span(message.Id)), out var id)
        && id == call.Id ? message : null;
}
