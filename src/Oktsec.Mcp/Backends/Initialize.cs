using System.Buffers;
using System.Text.Json;
using Oktsec.Mcp.Envelope;

namespace Oktsec.Mcp.Backends;

/// <summary>The first request of a connection and what must be in its answer (MCP 2025-11-25, Lifecycle, "Initialization").</summary>
internal static class Initialize
{
    // "2025-11-25" has ten. It goes into an HTTP header, so neither its length nor its characters are the server's choice.
    private const int LongestVersion = 32;

    private static readonly SearchValues<char> s_versionCharacters =
        SearchValues.Create("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-_");

    /// <summary>Sent after the answer.</summary>
    public static ReadOnlyMemory<byte> Initialized { get; } = """{"jsonrpc":"2.0","method":"notifications/initialized"}"""u8.ToArray();

    public static BackendRequest Request(ReadOnlyMemory<byte> parameters)
    {
        byte[] bytes = [.. """{"jsonrpc":"2.0","id":0,"method":"initialize","params":"""u8, .. parameters.Span, .. "}"u8];
        return new BackendRequest { Bytes = bytes, Id = new ByteRange(bytes.AsSpan().IndexOf("0,"u8), 1), Method = Methods.Initialize };
    }

    /// <exception cref="BackendUnavailableException">The server refused, or its answer says no version.</exception>
    public static BackendHandshake Read(string backend, RpcMessage response)
    {
        if (response.Kind is RpcKind.ErrorResponse)
            throw new BackendUnavailableException(backend, $"it refused initialize with error {Code(response.Span(response.Error))}", sent: false, new RefusedException());
        if (Member(response.Span(response.Result), "protocolVersion"u8) is { } version
            && version.Length is > 0 and <= LongestVersion && !version.AsSpan().ContainsAnyExcept(s_versionCharacters))
            return new BackendHandshake(response, version);
        throw new BackendUnavailableException(backend, "its initialize result has no valid protocolVersion", sent: false);
    }

    private static string Code(ReadOnlySpan<byte> error)
    {
        var reader = new Utf8JsonReader(error);
        while (reader.Read())
        {
            if (reader.CurrentDepth == 1 && reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("code"u8))
                return reader.Read() && reader.TryGetInt32(out var code) ? $"{code}" : "?";
        }
        return "?";
    }

    private static string? Member(ReadOnlySpan<byte> json, ReadOnlySpan<byte> name)
    {
        var reader = new Utf8JsonReader(json);
        while (reader.Read())
        {
            if (reader.CurrentDepth == 1 && reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals(name))
                return reader.Read() && reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
        }
        return null;
    }
}

/// <summary>The server answered initialize with an error.</summary>
internal sealed class RefusedException : Exception;
