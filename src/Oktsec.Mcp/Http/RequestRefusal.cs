namespace Oktsec.Mcp.Http;

/// <summary>A request that is one message and yet not what its revision says a request must be.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Code">JSON-RPC error code.</param>
/// <param name="Detail">What is wrong and what to send instead; never content.</param>
/// <param name="Data">Raw JSON for <c>error.data</c>, or empty.</param>
public sealed record RequestRefusal(int Status, int Code, string Detail, ReadOnlyMemory<byte> Data = default)
{
    public const int InvalidRequest = -32600;
    public const int MethodNotFound = -32601;
    public const int InvalidParams = -32602;

    // MCP 2026-07-28, Overview, "Error Codes".
    public const int HeaderMismatch = -32020;
    public const int MissingClientCapability = -32021;
    public const int UnsupportedVersion = -32022;
}
