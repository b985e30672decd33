using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Oktsec.Webhooks;

/// <summary>Lets a receiver check that a post is ours and fresh: HMAC-SHA-256 over <c>timestamp.body</c>.</summary>
internal static class WebhookSignature
{
    public const string Header = "X-Oktsec-Signature";
    public const string TimestampHeader = "X-Oktsec-Timestamp";

    /// <summary>Seconds since 1970.</summary>
    public static string Timestamp(DateTimeOffset time) => time.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);

    /// <summary><c>sha256=</c> and lower-case hex.</summary>
    public static string Of(string secret, string timestamp, ReadOnlySpan<byte> body)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(secret));
        hmac.AppendData(Encoding.ASCII.GetBytes(timestamp));
        hmac.AppendData("."u8);
        hmac.AppendData(body);
        return "sha256=" + Convert.ToHexStringLower(hmac.GetHashAndReset());
    }
}
