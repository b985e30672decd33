using Oktsec.Core.Identity;
using Oktsec.Core.Policy;
using Oktsec.Identity;
using Oktsec.Storage;

namespace Oktsec.Gateway;

/// <summary>
/// Whether an agent that was let in may still be told something: asked when a result or a message of a backend is about to be delivered, which may be
/// long after the request that led to it.
/// </summary>
internal sealed class Standing(TokenBook tokens, Func<PolicySnapshot> policies)
{
    /// <summary>Why the token that opened what is open proves nothing any more; null while it does, and where none was needed.</summary>
    public string? Unproven(Principal principal)
    {
        if (principal.TokenId.Length == 0)
            return null;
        try
        {
            return tokens.IsActive(principal.TokenId, policies().Config.Tokens) ? null : "the token has expired or was revoked";
        }
        catch (StoreException)
        {
            return "the tokens cannot be read; see oktsec doctor";
        }
    }

    /// <summary>The policy a call was let in by; that of now when by it the agent is suspended, or none of ours.</summary>
    public AgentPolicy? Policy(Principal principal, AgentPolicy? before) =>
        policies().PolicyOf(principal) is var now && now is { IsSuspended: false } ? before : now;
}
