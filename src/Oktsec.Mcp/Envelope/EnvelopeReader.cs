using System.Diagnostics.CodeAnalysis;
using System.Text.Unicode;

namespace Oktsec.Mcp.Envelope;

/// <summary>Reads bytes into an <see cref="RpcMessage"/> in one pass, or says why they are not one.</summary>
/// <remarks>
/// What two readers could understand differently is refused, because a relay that judges one meaning while the backend acts on the other
/// is a way around every check. Any bytes get an answer; nothing is thrown. Time is linear in the length.
/// </remarks>
public static class EnvelopeReader
{
    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <summary>Reads one message. On success the message keeps <paramref name="bytes"/>; nothing is copied.</summary>
    /// <param name="bytes">One whole message; JSON whitespace around it is accepted.</param>
    /// <param name="limits">Sizes beyond which the message is refused.</param>
    /// <param name="message">The message, when it is one.</param>
    /// <param name="error">Why not. It shares no memory with <paramref name="bytes"/>.</param>
    /// <param name="rented">
    /// The pooled array behind <paramref name="bytes"/>, given back by <see cref="RpcMessage.Dispose"/>; null when not pooled. After a
    /// refusal it is still the caller's.
    /// </param>
    public static bool TryRead(
        ReadOnlyMemory<byte> bytes,
        EnvelopeLimits limits,
        [NotNullWhen(true)] out RpcMessage? message,
        [NotNullWhen(false)] out EnvelopeError? error,
        byte[]? rented = null)
    {
        message = null;
        var span = bytes.Span;
        error = CheckBytes(span, limits);
        if (error is not null)
            return false;

        var walk = new EnvelopeWalk(span, limits);
        error = walk.Run();
        if (error is not null)
            return false;

        message = new RpcMessage(bytes, rented);
        EnvelopeShape.Lift(in walk.Found, span, message);
        return true;
    }

    /// <summary>Where JSON whitespace (RFC 8259, section 2) ends.</summary>
    internal static int SkipWhitespace(ReadOnlySpan<byte> bytes, int from)
    {
        var rest = bytes[from..].IndexOfAnyExcept(" \t\r\n"u8);
        return rest < 0 ? bytes.Length : from + rest;
    }

    private static EnvelopeError? CheckBytes(ReadOnlySpan<byte> bytes, EnvelopeLimits limits)
    {
        if (bytes.Length > limits.MaxBytes)
            return EnvelopeRefusal.TooLarge(bytes.Length, limits.MaxBytes);
        if (SkipWhitespace(bytes, 0) == bytes.Length)
            return EnvelopeRefusal.Of(EnvelopeFault.Empty, 0);
        if (bytes.StartsWith(ByteOrderMark))
            return EnvelopeRefusal.Of(EnvelopeFault.ByteOrderMark, 0);
        // The JSON reader looks at the UTF-8 of a string only when the string is fetched, so all bytes are looked at here.
        if (!Utf8.IsValid(bytes))
            return EnvelopeRefusal.Of(EnvelopeFault.InvalidUtf8, FirstInvalid(bytes));
        return null;
    }

    private static int FirstInvalid(ReadOnlySpan<byte> bytes)
    {
        var at = 0;
        while (System.Text.Rune.DecodeFromUtf8(bytes[at..], out _, out var length) == System.Buffers.OperationStatus.Done)
            at += length;
        return at;
    }
}
