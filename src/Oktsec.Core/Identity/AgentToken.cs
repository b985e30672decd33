namespace Oktsec.Core.Identity;

/// <summary>A token as it is kept: whose it is and until when, never the token itself.</summary>
/// <param name="Id">Public; see <see cref="TokenSecret.IdOf"/>. Of a token in the configuration, what is written there.</param>
/// <param name="Agent">Who sends it is this agent.</param>
/// <param name="Hash">Recognises it.</param>
/// <param name="Created">When.</param>
/// <param name="Expires">From then on it proves nothing; null for never.</param>
/// <param name="Revoked">Since when it proves nothing; null while it does.</param>
public sealed record AgentToken(string Id, string Agent, TokenHash Hash, DateTimeOffset Created, DateTimeOffset? Expires = null, DateTimeOffset? Revoked = null)
{
    /// <summary>active, expired or revoked.</summary>
    public string StateAt(DateTimeOffset now) => Revoked is not null ? "revoked" : Expires <= now ? "expired" : "active";

    public bool IsActiveAt(DateTimeOffset now) => Revoked is null && !(Expires <= now);
}
