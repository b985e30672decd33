using Oktsec.Core.Pipeline;
using Oktsec.Core.Policy;

namespace Oktsec.Gateway;

/// <summary>Backends that have not been heard yet: what they offer is not known, which is not the same as that it does not exist.</summary>
internal static class Awaited
{
    /// <summary>Why a request for a name that this agent cannot use now may be good later; null when it will not.</summary>
    /// <remarks>
    /// It depends on the name and the policy only, never on what other backends have: what is hidden from an agent and what nobody has look
    /// alike here as they do everywhere.
    /// </remarks>
    public static Decision? Of(GatewaySession session, TargetKind kind, string name, AgentPolicy? policy)
    {
        if (kind == TargetKind.None || policy is null)
            return null;
        var list = ListKind.OfTarget(kind)!;
        foreach (var slot in session.Slots)
        {
            if (session.Catalogue.Knows(list, slot.Name) || !MayHave(slot, kind, name, policy))
                continue;
            var why = slot.Health.Reason.Length > 0 ? slot.Health.Reason : "it has not answered yet";
            return Failure.Of(DenyReason.BackendUnavailable, $"what backend {slot.Name} offers is not known: {why}", retryAfterSeconds: 1);
        }
        return null;
    }

    // Whatever it turns out to have would go by its own name, or by that behind the backend's where another has the same.
    private static bool MayHave(BackendSlot slot, TargetKind kind, string name, AgentPolicy policy) =>
        policy.Allows(new Target(kind, name, slot.Name, name, true))
        || (kind != TargetKind.Resource && name.StartsWith(slot.Name + "_", StringComparison.Ordinal)
            && policy.Allows(new Target(kind, name, slot.Name, name[(slot.Name.Length + 1)..], true)));
}
