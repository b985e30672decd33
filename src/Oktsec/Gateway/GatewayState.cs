using Oktsec.Core.Policy;
using Oktsec.Identity;
using Oktsec.Mcp.Envelope;

namespace Oktsec.Gateway;

/// <summary>Everything that a reload swaps, as one immutable value.</summary>
internal sealed record GatewayState(PolicySnapshot Policies, AgentIdentity Identity, HostRules Hosts)
{
    public EnvelopeLimits FromAgents => new(Policies.Config.Limits.MaxBodyBytes, Policies.Config.Limits.MaxDepth);

    public static GatewayState Of(PolicySnapshot policies, TokenBook tokens) =>
        new(policies, new AgentIdentity(policies.Config, tokens), new HostRules(policies.Config.Gateway));
}

/// <summary>The current state: read once per message, so that one message is judged by one configuration.</summary>
internal sealed class GatewayStateHolder(GatewayState initial)
{
    private readonly Lock _gate = new();
    private GatewayState _current = initial;

    public GatewayState Current => Volatile.Read(ref _current);

    public void Swap(GatewayState next) => Update(_ => next);

    /// <summary>Replaces the state by one made of it; false when that is the same one.</summary>
    public bool Update(Func<GatewayState, GatewayState> change)
    {
        lock (_gate)
        {
            var (before, next) = (_current, change(_current));
            Volatile.Write(ref _current, next);
            return !ReferenceEquals(before, next);
        }
    }
}
