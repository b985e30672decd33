using System.Security.Cryptography;
using System.Text;

namespace Oktsec.Core.Identity;

/// <summary>What is kept of a token: <c>sha256:SALT:DIGEST</c>, both in hex, the digest over salt and token.</summary>
/// <remarks>One round suffices: unlike a password a token has 224 random bits, so nothing can be tried in a dictionary.</remarks>
public sealed class TokenHash
{
    private const string Scheme = "sha256:";
    private const int SaltBytes = 16;

    /// <summary>Of no token: compared with when there is nothing to compare, so that an unknown id takes as long as a wrong secret.</summary>
    public static readonly TokenHash None = new(new byte[SaltBytes], new byte[SHA256.HashSizeInBytes]);

    private readonly byte[] _salt;
    private readonly byte[] _digest;

    private TokenHash(byte[] salt, byte[] digest) => (_salt, _digest) = (salt, digest);

    /// <summary>Of a token, under a fresh salt.</summary>
    public static TokenHash Of(string secret)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltBytes);
        return new TokenHash(salt, Digest(salt, secret));
    }

    /// <summary>Null when the text is none: such a text matches no token.</summary>
    public static TokenHash? Parse(string text)
    {
        var parts = text.Split(':');
        if (parts.Length != 3 || !text.StartsWith(Scheme, StringComparison.Ordinal) || !IsHex(parts[1]) || !IsHex(parts[2]) || parts[2].Length != 2 * SHA256.HashSizeInBytes)
            return null;
        return new TokenHash(Convert.FromHexString(parts[1]), Convert.FromHexString(parts[2]));
    }

    /// <summary>Takes as long whether it matches or not.</summary>
    public bool Matches(string secret) => CryptographicOperations.FixedTimeEquals(Digest(_salt, secret), _digest);

    public override string ToString() => $"{Scheme}{Convert.ToHexStringLower(_salt)}:{Convert.ToHexStringLower(_digest)}";

    private static byte[] Digest(byte[] salt, string secret)
    {
        Span<byte> input = stackalloc byte[256];
        var length = salt.Length + Encoding.UTF8.GetByteCount(secret);
        if (length > input.Length)
            input = new byte[length];
        salt.CopyTo(input);
        Encoding.UTF8.GetBytes(secret, input[salt.Length..]);
        return SHA256.HashData(input[..length]);
    }

    private static bool IsHex(string text) => text.Length > 0 && text.Length % 2 == 0 && text.All(char.IsAsciiHexDigit);
}
