using Oktsec.Core.Audit;
using Oktsec.Core.Identity;
using Oktsec.Core.Pipeline;
using Oktsec.Gateway;
using Oktsec.Storage.Sqlite;

namespace Oktsec.Identity;

/// <summary>Makes and ends tokens. Each act is recorded before it is done.</summary>
internal static class TokenDesk
{
    /// <summary>A fresh token and what is kept of it.</summary>
    /// <exception cref="AuditUnavailableException">It could not be recorded or written; there is no token.</exception>
    public static async Task<(AgentToken Token, string Secret)> IssueAsync(SqliteStore store, string agent, DateTimeOffset? expires, TimeProvider time)
    {
        while (true)
        {
            var secret = TokenSecret.New();
            var token = new AgentToken(TokenSecret.IdOf(secret), agent, TokenHash.Of(secret), time.GetUtcNow(), expires);
            await RecordAsync(store, "tokens/create", token, time);
            if (await store.AddTokenAsync(token, CancellationToken.None))
                return (token, secret);
            // One in four thousand million: an id in use. The record of it stands, for a token that never was.
        }
    }

    /// <summary>Ends a token; null when there is none of that id. What is returned is how it was before.</summary>
    /// <exception cref="AuditUnavailableException">It could not be recorded or written.</exception>
    public static async Task<AgentToken?> EndAsync(SqliteStore store, string id, bool forget, TimeProvider time)
    {
        if (store.ReadTokens().FirstOrDefault(t => t.Id == id) is not { } token)
            return null;
        if (token.Revoked is not null && !forget)
            return token;
        await RecordAsync(store, forget ? "tokens/forget" : "tokens/revoke", token, time);
        await (forget ? store.ForgetTokenAsync(id, CancellationToken.None) : store.RevokeTokenAsync(id, CancellationToken.None));
        return token;
    }

    private static ValueTask RecordAsync(SqliteStore store, string method, AgentToken token, TimeProvider time) => store.AppendAsync(
        new AuditEntry
        {
            Id = RecordIds.New(),
            Time = time.GetUtcNow(),
            Door = "cli",
            Agent = token.Agent,
            IdentifiedBy = "commandline",
            Method = method,
            Target = token.Id,
            Decision = DenyReasons.Allow,
            Status = AuditStatus.Delivered,
        },
        CancellationToken.None);
}
