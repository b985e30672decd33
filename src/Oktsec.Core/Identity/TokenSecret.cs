using System.Security.Cryptography;

namespace Oktsec.Core.Identity;

/// <summary>What an agent sends: <c>okt_gw_</c> and 64 hex digits. Of those the first 8 are its public id, the other 224 bits cannot be guessed.</summary>
public static class TokenSecret
{
    public const string Prefix = "okt_gw_";

    /// <summary>32 bits: enough to tell the tokens of one installation apart; a new one that meets an id in use is drawn again.</summary>
    private const int IdLength = 8;

    private const int HexLength = 64;

    /// <summary>A fresh one.</summary>
    public static string New() => Prefix + RandomNumberGenerator.GetHexString(HexLength, lowercase: true);

    /// <summary>Whether a text has the form of a token, exactly.</summary>
    public static bool IsOne(string text) =>
        text.Length == Prefix.Length + HexLength && text.StartsWith(Prefix, StringComparison.Ordinal)
        && !text.AsSpan(Prefix.Length).ContainsAnyExcept("0123456789abcdef");

    /// <summary>The id by which people and the store know a token.</summary>
    public static string IdOf(string secret) => secret.Substring(Prefix.Length, IdLength);
}
