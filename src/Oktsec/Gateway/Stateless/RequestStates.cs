using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Oktsec.Core.Identity;
using Oktsec.Mcp.Envelope;

namespace Oktsec.Gateway.Stateless;

/// <summary>
/// Writes and reads <c>requestState</c>: a note to ourselves that the agent keeps, good for this principal, this request and some minutes.
/// </summary>
/// <remarks>
/// The note names a parked call, or carries the state of a backend that speaks this revision itself. What it is bound to is not written in it but
/// goes into the signature. The key is made at start and never leaves the process: a note that another one wrote is as good as a forged one.
/// </remarks>
internal sealed class RequestStates(TimeProvider time)
{
    /// <summary>10 minutes to answer: a person reads, decides, perhaps signs in somewhere.</summary>
    public static TimeSpan GoodFor { get; } = TimeSpan.FromMinutes(10);

    private const int HeadLength = 9; // kind, expiry
    private const int MacLength = HMACSHA256.HashSizeInBytes;

    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32); // as long as the hash

    /// <summary>What a note is bound to.</summary>
    public static byte[] Binding(Principal principal, RpcMessage message)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Part(hash, Encoding.UTF8.GetBytes($"{principal.Method}\0{principal.Agent}"));
        Part(hash, Encoding.UTF8.GetBytes(message.Method));
        Part(hash, Encoding.UTF8.GetBytes(message.NameText ?? message.UriText ?? ""));
        if (!message.Arguments.IsEmpty)
            Meaning(hash, message.Span(message.Arguments));
        return hash.GetHashAndReset();
    }

    /// <summary>A note as it goes into a result: printable, opaque.</summary>
    public string Write(StateKind kind, ReadOnlySpan<byte> content, byte[] binding)
    {
        var bytes = new byte[HeadLength + content.Length + MacLength];
        bytes[0] = (byte)kind;
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(1), time.GetTimestamp() + (long)(GoodFor.TotalSeconds * time.TimestampFrequency));
        content.CopyTo(bytes.AsSpan(HeadLength));
        Mac(bytes.AsSpan(0, HeadLength + content.Length), binding).CopyTo(bytes, bytes.Length - MacLength);
        return System.Buffers.Text.Base64Url.EncodeToString(bytes);
    }

    /// <summary>What a note says; null when it is not ours, not for this request, or too old.</summary>
    public (StateKind Kind, byte[] Content)? Read(string text, byte[] binding)
    {
        var bytes = new byte[System.Buffers.Text.Base64Url.GetMaxDecodedLength(text.Length)];
        if (System.Buffers.Text.Base64Url.DecodeFromChars(text, bytes, out _, out var length) != System.Buffers.OperationStatus.Done || length < HeadLength + MacLength
            || System.Buffers.Text.Base64Url.EncodeToString(bytes.AsSpan(0, length)) != text)
            return null;
        var signed = bytes.AsSpan(0, length - MacLength);
        if (!CryptographicOperations.FixedTimeEquals(Mac(signed, binding), bytes.AsSpan(length - MacLength, MacLength))
            || BinaryPrimitives.ReadInt64BigEndian(signed[1..]) < time.GetTimestamp())
            return null;
        return ((StateKind)signed[0], signed[HeadLength..].ToArray());
    }

    private byte[] Mac(ReadOnlySpan<byte> signed, byte[] binding)
    {
        using var mac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _key);
        mac.AppendData(binding);
        mac.AppendData(signed);
        return mac.GetHashAndReset();
    }

    // Each part with its length before it: no two lists of parts run together into the same bytes.
    private static void Part(IncrementalHash hash, ReadOnlySpan<byte> part)
    {
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, part.Length);
        hash.AppendData(length);
        hash.AppendData(part);
    }

    // A client that writes its request anew may space and escape it otherwise; what it asks for is the same.
    private static void Meaning(IncrementalHash hash, ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, JsonMembers.AnyDepth);
        while (reader.Read())
        {
            hash.AppendData([(byte)reader.TokenType]);
            if (reader.TokenType is JsonTokenType.PropertyName or JsonTokenType.String)
                Part(hash, Encoding.UTF8.GetBytes(reader.GetString()!));
            else if (reader.TokenType == JsonTokenType.Number)
                Part(hash, reader.ValueSpan);
        }
    }
}

/// <summary>What a <c>requestState</c> of ours stands for. Each begins with the number of the round, so that all kinds count the same.</summary>
internal enum StateKind : byte
{
    /// <summary>A call that waits at a backend: its id.</summary>
    Parked = 1,

    /// <summary>The state of a backend that speaks this revision.</summary>
    OfBackend = 2,

    /// <summary>A call to be made anew: its backend wanted a person to visit a page first.</summary>
    Again = 3,
}
