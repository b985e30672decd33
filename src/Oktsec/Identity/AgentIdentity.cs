using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Oktsec.Core.Configuration;
using Oktsec.Core.Identity;
using Oktsec.Storage;

namespace Oktsec.Identity;

/// <summary>Who is calling, and how we know.</summary>
internal sealed class AgentIdentity(OktsecConfig config, TokenBook tokens)
{
    public const string Header = "X-Oktsec-Agent";

    private const string Scheme = "Bearer ";

    private const string UnclearName = $"{Header} must be given once and name an agent";

    /// <summary>128 characters: the longest name the existing product accepts.</summary>
    private const int MaxNameLength = 128;

    private readonly GatewayConfig _gateway = config.Gateway;
    private readonly CallerOrigin _origin = new(config.Gateway);

    /// <summary>A token decides alone, right or wrong. Without one a name counts only from this machine, and only while it has no token.</summary>
    public Caller Identify(HttpContext http)
    {
        var names = http.Request.Headers[Header];
        if (names.Count > 1 || (names.Count == 1 && !IsName(names[0])))
            return new Caller(Principal.Anonymous, UnclearName);
        var said = names.Count == 1 ? names[0] : null;
        try
        {
            var authorization = http.Request.Headers.Authorization;
            return authorization.Count > 0 ? ByToken(authorization, said) : BySaying(said, _origin.IsThisMachine(http));
        }
        catch (StoreException)
        {
            return new Caller(Principal.Anonymous, Unproven: "the tokens cannot be read; see oktsec doctor");
        }
    }

    /// <summary>Whether it can be the name of an agent.</summary>
    public static bool IsName(string? name) =>
        name is { Length: > 0 and <= MaxNameLength } && (char.IsAsciiLetterOrDigit(name[0]) || name[0] == '_')
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');

    private Caller ByToken(StringValues authorization, string? said)
    {
        // RFC 9110, 11.1: the scheme in any case. The token itself is ours, exactly.
        var text = authorization.Count == 1 ? authorization[0] ?? "" : "";
        var secret = text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? text[Scheme.Length..].Trim(' ') : "";
        if (!TokenSecret.IsOne(secret))
            return Refused($"Authorization must be given once, as Bearer {TokenSecret.Prefix}...");
        if (!_gateway.TakesTokens)
            return Refused("tokens do not count here (gateway.auth_methods)");
        if (tokens.Find(secret, config.Tokens) is not { } token)
            return Refused("the token is not known here, or was revoked");
        var principal = new Principal(token.Agent, AuthMethod.Token, token.Id);
        if (!tokens.IsActive(token))
            return new Caller(principal with { Method = AuthMethod.None }, Unproven: "the token has expired");
        return said is null || said == token.Agent ? new Caller(principal) : new Caller(principal, $"{Header} names another agent than the token");
    }

    private Caller BySaying(string? said, bool isThisMachine)
    {
        var principal = said is not null && isThisMachine && _gateway.TakesHeader ? new Principal(said, AuthMethod.Header) : Principal.Anonymous;
        return NeedsToken(principal, isThisMachine) is { } why ? new Caller(principal, Unproven: why) : new Caller(principal);
    }

    private string? NeedsToken(Principal principal, bool isThisMachine)
    {
        if (_gateway.RequireAuth == true)
            return "send a token: Authorization: Bearer ...";
        if (!isThisMachine && !_gateway.AllowUnauthenticated && (!_gateway.IsLocal || !tokens.IsEmpty(config.Tokens)))
            return "from another machine a token is needed: Authorization: Bearer ...";
        return _gateway.RequireAuth is null && !principal.IsAnonymous && tokens.Knows(principal.Agent, config.Tokens)
            ? $"{principal.Agent} has a token and must send it: Authorization: Bearer ..."
            : null;
    }

    private static Caller Refused(string why) => new(Principal.Anonymous, Unproven: why);
}
