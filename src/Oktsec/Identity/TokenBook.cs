using Oktsec.Core.Identity;
using Oktsec.Storage;

namespace Oktsec.Identity;

/// <summary>The tokens that count now. Kept in memory, and read anew as soon as any process has changed one: the store is asked whether it did before each call.</summary>
internal sealed class TokenBook(ITokenStore store, TimeProvider time)
{
    private readonly Lock _gate = new();
    private volatile Page _page = new(-1, []);

    /// <summary>The active or expired token that a secret is, or null. Takes as long for an id that nobody has as for a wrong secret.</summary>
    /// <param name="secret">What the agent sent; has the form of a token.</param>
    /// <param name="written">Tokens that the configuration knows.</param>
    /// <exception cref="StoreException">The store cannot be read: nobody is identified.</exception>
    public AgentToken? Find(string secret, IReadOnlyList<AgentToken> written)
    {
        var token = Current().ById.GetValueOrDefault(TokenSecret.IdOf(secret));
        var found = (token?.Hash ?? TokenHash.None).Matches(secret) ? token : null;
        // Few, and known by their hash only: each is tried.
        foreach (var other in written)
            found = other.Hash.Matches(secret) ? other : found;
        return found is { Revoked: null } ? found : null;
    }

    /// <summary>Whether a name has a token, also one that has expired or was revoked: its end must not make the name free for all.</summary>
    /// <exception cref="StoreException">The store cannot be read.</exception>
    public bool Knows(string agent, IReadOnlyList<AgentToken> written) => Current().Agents.Contains(agent) || written.Any(t => t.Agent == agent);

    /// <exception cref="StoreException">The store cannot be read.</exception>
    public bool IsEmpty(IReadOnlyList<AgentToken> written) => written.Count == 0 && Current().ById.Count == 0;

    /// <summary>Whether what a token opened may go on.</summary>
    /// <exception cref="StoreException">The store cannot be read.</exception>
    public bool IsActive(string id, IReadOnlyList<AgentToken> written) =>
        (Current().ById.GetValueOrDefault(id) ?? written.FirstOrDefault(t => t.Id == id)) is { } token && IsActive(token);

    public bool IsActive(AgentToken token) => token.IsActiveAt(time.GetUtcNow());

    private Page Current()
    {
        var changes = store.TokenChanges();
        if (_page.Changes == changes)
            return _page;
        lock (_gate)
        {
            // First the count, then the tokens: a change between the two is seen the next time.
            changes = store.TokenChanges();
            if (_page.Changes != changes)
                _page = new Page(changes, store.ReadTokens());
            return _page;
        }
    }

    private sealed class Page(long changes, IReadOnlyList<AgentToken> tokens)
    {
        public long Changes { get; } = changes;

        public Dictionary<string, AgentToken> ById { get; } = tokens.ToDictionary(t => t.Id, StringComparer.Ordinal);

        public HashSet<string> Agents { get; } = tokens.Select(t => t.Agent).ToHashSet(StringComparer.Ordinal);
    }
}
