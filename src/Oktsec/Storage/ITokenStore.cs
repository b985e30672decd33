using Oktsec.Core.Identity;

namespace Oktsec.Storage;

/// <summary>Tokens of agents. Any process may change them; every other one is to know at once.</summary>
internal interface ITokenStore
{
    /// <summary>False when its id is taken: draw another.</summary>
    /// <exception cref="Core.Audit.AuditUnavailableException">It could not be written.</exception>
    ValueTask<bool> AddTokenAsync(AgentToken token, CancellationToken cancel);

    /// <summary>From now on it proves nothing; false when there is no such token, or it was revoked already.</summary>
    /// <exception cref="Core.Audit.AuditUnavailableException">It could not be written.</exception>
    ValueTask<bool> RevokeTokenAsync(string id, CancellationToken cancel);

    /// <summary>As if it had never been; false when there is no such token.</summary>
    /// <exception cref="Core.Audit.AuditUnavailableException">It could not be written.</exception>
    ValueTask<bool> ForgetTokenAsync(string id, CancellationToken cancel);

    /// <summary>All of them, by agent, the oldest first.</summary>
    /// <exception cref="StoreException">They cannot be read.</exception>
    IReadOnlyList<AgentToken> ReadTokens();

    /// <summary>A number that differs whenever the tokens do. Cheap enough to ask for every call.</summary>
    /// <exception cref="StoreException">It cannot be read.</exception>
    long TokenChanges();
}
