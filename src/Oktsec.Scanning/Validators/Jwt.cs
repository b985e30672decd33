using System.Buffers.Text;
using System.Text.Json;

namespace Oktsec.Scanning.Validators;

/// <summary>A JSON Web Token: three parts, the first a JSON object that names an algorithm (RFC 7519).</summary>
internal static class Jwt
{
    public static bool IsValid(ReadOnlySpan<byte> text)
    {
        var dot = text.IndexOf((byte)'.');
        // A header names an algorithm, a type and at most a key id: a few hundred bytes.
        if (dot is < 10 or > 1024)
            return false;
        Span<byte> header = stackalloc byte[1024];
        if (Base64Url.DecodeFromUtf8(text[..dot], header, out _, out var length, isFinalBlock: true) != System.Buffers.OperationStatus.Done)
            return false;
        var reader = new Utf8JsonReader(header[..length]);
        var hasAlgorithm = false;
        try
        {
            while (reader.Read())
                hasAlgorithm |= reader.TokenType == JsonTokenType.PropertyName && (reader.ValueTextEquals("alg"u8) || reader.ValueTextEquals("enc"u8));
        }
        catch (JsonException)
        {
            return false;
        }
        return hasAlgorithm;
    }
}
