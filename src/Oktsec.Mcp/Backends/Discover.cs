using System.Buffers;
using System.Text.Json;
using Oktsec.Mcp.Envelope;

namespace Oktsec.Mcp.Backends;

/// <summary>The question that tells the eras apart, and what its answer means (MCP 2026-07-28, Discovery, and Transports, "Backward Compatibility").</summary>
internal static class Discover
{
    /// <summary>The only revision without sessions that is spoken here.</summary>
    public const string Modern = "2026-07-28";

    public const int HeaderMismatch = -32020;
    public const int MissingCapability = -32021;
    public const int UnsupportedVersion = -32022;

    private static readonly string[] s_legacy = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"];

    public static BackendRequest Request(ModernMeta meta)
    {
        byte[] bytes = [.. """{"jsonrpc":"2.0","id":0,"method":"server/discover","params":{"_meta":{"""u8, .. meta.Members(default).Span, .. "}}}"u8];
        return new BackendRequest
        {
            Bytes = bytes,
            Id = new ByteRange(bytes.AsSpan().IndexOf("0,"u8), 1),
            Method = Methods.Discover,
            Headers = [new("Mcp-Method", Methods.Discover)],
        };
    }

    /// <summary>Which era the answer tells, and the handshake when it is the modern one.</summary>
    /// <exception cref="BackendUnavailableException">A modern server with which we have no version in common.</exception>
    public static (Era Era, BackendHandshake? Handshake) Read(BackendOptions options, RpcMessage response)
    {
        if (response.Kind is RpcKind.Response)
        {
            var result = response.Span(response.Result);
            var versions = JsonMembers.Find(result, "supportedVersions"u8);
            if (versions.IsEmpty || result[versions.Start] != '[')
                return (Era.Legacy, null);
            return Choose(options, Texts(result.Slice(versions.Start, versions.Length))) is Era.Modern
                ? (Era.Modern, new BackendHandshake(AsInitialize(response), Modern) { Discovered = response })
                : (Era.Legacy, null);
        }
        var error = response.Span(response.Error);
        return Code(error) switch
        {
            UnsupportedVersion => (Choose(options, Supported(error)), null),
            // It knows these rules, and says that we broke one: that is not cured by another era.
            HeaderMismatch or MissingCapability => throw Refused(options.Name, $"it refused server/discover with error {Code(error)}"),
            _ => (Era.Legacy, null),
        };
    }

    /// <summary>Whether an error is one that only a server of the modern era gives.</summary>
    public static bool IsModernError(RpcMessage response) =>
        response.Kind is RpcKind.ErrorResponse && Code(response.Span(response.Error)) is HeaderMismatch or MissingCapability or UnsupportedVersion;

    public static int Code(ReadOnlySpan<byte> error)
    {
        var code = JsonMembers.Find(error, "code"u8);
        return !code.IsEmpty && RpcIds.TryGetNumber(error.Slice(code.Start, code.Length), out var number) ? (int)number : 0;
    }

    // "Use one of the versions in its advertised supported list": a legacy one among them is spoken by initialize.
    private static Era Choose(BackendOptions options, List<string> supported) =>
        options is { PrefersSession: true, IsModernOnly: false } && supported.Exists(s_legacy.Contains) ? Era.Legacy
        : supported.Contains(Modern) ? Era.Modern
        : supported.Exists(s_legacy.Contains) ? Era.Legacy
        : throw Refused(options.Name, $"it speaks none of our protocol versions, only {Shown(supported)}");

    private static BackendUnavailableException Refused(string backend, string reason) => new(backend, reason, sent: false, new NotLegacyException());

    private static string Shown(List<string> versions)
    {
        const int most = 5; // as many as exist today; the text is the server's
        var shown = versions.Where(v => v.Length is > 0 and <= 32 && v.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.')).Take(most).ToList();
        return shown.Count == 0 ? "unreadable ones" : string.Join(", ", shown);
    }

    private static List<string> Supported(ReadOnlySpan<byte> error)
    {
        var data = JsonMembers.Find(error, "data"u8);
        if (data.IsEmpty)
            return [];
        var inside = error.Slice(data.Start, data.Length);
        var list = JsonMembers.Find(inside, "supported"u8);
        return list.IsEmpty ? [] : Texts(inside.Slice(list.Start, list.Length));
    }

    private static List<string> Texts(ReadOnlySpan<byte> array)
    {
        var texts = new List<string>();
        var reader = new Utf8JsonReader(array, JsonMembers.AnyDepth);
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.String && reader.CurrentDepth == 1)
                texts.Add(reader.GetString()!);
        }
        return texts;
    }

    /// <summary>The same said as the answer to initialize, member by member as the server spelled it: what a session's agent is shown.</summary>
    private static RpcMessage AsInitialize(RpcMessage discovered)
    {
        var result = discovered.Memory(discovered.Result);
        var output = new ArrayBufferWriter<byte>(result.Length + 128);
        output.Write("""{"jsonrpc":"2.0","id":0,"result":{"protocolVersion":"2026-07-28","capabilities":"""u8);
        output.Write(Part(result, "capabilities"u8) is { IsEmpty: false } capabilities && capabilities.Span[0] == '{' ? capabilities.Span : "{}"u8);
        output.Write(",\"serverInfo\":"u8);
        var info = Part(Part(result, "_meta"u8), "io.modelcontextprotocol/serverInfo"u8);
        output.Write(!info.IsEmpty && info.Span[0] == '{' ? info.Span : "{\"name\":\"unknown\",\"version\":\"\"}"u8);
        if (Part(result, "instructions"u8) is { IsEmpty: false } instructions)
        {
            output.Write(",\"instructions\":"u8);
            output.Write(instructions.Span);
        }
        output.Write("}}"u8);
        // Parts of a message that was accepted make one that is.
        return EnvelopeReader.TryRead(output.WrittenMemory, ModernSession.OwnLimits, out var message, out var error)
            ? message : throw new InvalidOperationException(error.Detail);
    }

    private static ReadOnlyMemory<byte> Part(ReadOnlyMemory<byte> json, ReadOnlySpan<byte> member)
    {
        var range = JsonMembers.Find(json.Span, member);
        return json.Slice(range.Start, range.Length);
    }
}

/// <summary>The server is a modern one: falling back to initialize would not help.</summary>
internal sealed class NotLegacyException : Exception;

/// <summary>The server ended while it was asked which era it speaks.</summary>
internal sealed class EndedByProbeException : Exception;

/// <summary>The server ended when it was asked for a session.</summary>
internal sealed class EndedByInitializeException : Exception;
