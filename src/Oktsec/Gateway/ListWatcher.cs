using System.Security.Cryptography;
using Oktsec.Core.Policy;
using Oktsec.Mcp.Envelope;

namespace Oktsec.Gateway;

/// <summary>Tells an agent that a list changed: when what this agent may see changed, or a backend says so and nothing is hidden from this agent.</summary>
/// <remarks>An agent from which something is hidden must not learn that it changed.</remarks>
internal sealed class ListWatcher(ListGatherer gatherer, Func<PolicySnapshot> policies)
{
    /// <summary>A backend says that a list of its changed.</summary>
    public void OnChanged(GatewaySession session, BackendSlot slot, string method, ReadOnlyMemory<byte> message)
    {
        ListKind[] kinds = method switch
        {
            Methods.ToolsChanged => [ListKind.Tools],
            Methods.PromptsChanged => [ListKind.Prompts],
            _ => [ListKind.Resources, ListKind.Templates],
        };
        Check(session, kinds, method, message);
    }

    /// <summary>A backend connected, perhaps after the agent has asked for its lists.</summary>
    public void OnConnected(GatewaySession session, BackendSlot slot)
    {
        if (session.Catalogue.Knows(ListKind.Tools, slot.Name) || session.HasListed)
            CheckAll(session);
    }

    /// <summary>A backend was lost: its last good lists stand in, nothing is said until it comes back changed. Comes back by itself while someone listens.</summary>
    public void OnLost(GatewaySession session, BackendSlot slot)
    {
        if (session.IsListening || !session.Subscriptions.IsEmpty)
            _ = ReconnectAsync(session, slot);
    }

    /// <summary>The policy or the backends changed.</summary>
    public void CheckAll(GatewaySession session)
    {
        Check(session, [ListKind.Tools], Methods.ToolsChanged, default);
        Check(session, [ListKind.Prompts], Methods.PromptsChanged, default);
        Check(session, [ListKind.Resources, ListKind.Templates], Methods.ResourcesChanged, default);
    }

    /// <summary>What an agent may see of one list, as a hash.</summary>
    public static string Fingerprint(GatewaySession session, ListKind kind, PolicySnapshot policies)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var policy = policies.PolicyOf(session.Principal);
        foreach (var offer in session.Slots.SelectMany(s => session.Catalogue.InOrder(kind, s.Name)))
        {
            if (!offer.IsPoisoned && policy is not null && policy.Allows(offer.Target))
                hash.AppendData(offer.Definition.Span);
        }
        return Convert.ToHexString(hash.GetHashAndReset());
    }

    private void Check(GatewaySession session, ListKind[] kinds, string method, ReadOnlyMemory<byte> message)
    {
        // Without a backend's word for it, a list the agent never asked for has not changed for it.
        if (!message.IsEmpty || kinds.Any(session.SeenLists.ContainsKey))
            _ = CheckAsync(session, kinds, method, message);
    }

    // One check of a kind at a time and one waiting, however often a backend cries.
    private async Task CheckAsync(GatewaySession session, ListKind[] kinds, string method, ReadOnlyMemory<byte> message)
    {
        if (session.ListChecks.AddOrUpdate(method, 1, (_, n) => Math.Min(2, n + 1)) > 1)
            return;
        try
        {
            do
            {
                session.ListChecks[method] = 1;
                var sawAll = !message.IsEmpty && SeesAll(session, kinds);
                if (await HasChangedAsync(session, kinds) || (sawAll && SeesAll(session, kinds)))
                    session.Announce(method, message.IsEmpty ? System.Text.Encoding.ASCII.GetBytes($"{{\"jsonrpc\":\"2.0\",\"method\":\"{method}\"}}") : message);
            }
            while (!session.ListChecks.TryUpdate(method, 0, 1));
        }
        catch (OperationCanceledException)
        {
            // The session ended meanwhile.
        }
    }

    private async Task<bool> HasChangedAsync(GatewaySession session, ListKind[] kinds)
    {
        var changed = false;
        foreach (var kind in kinds)
        {
            var before = session.SeenLists.GetValueOrDefault(kind);
            await gatherer.GatherAsync(session, kind, policies(), session.Closing);
            var now = Fingerprint(session, kind, policies());
            session.SeenLists[kind] = now;
            changed |= before != now;
        }
        return changed;
    }

    private bool SeesAll(GatewaySession session, ListKind[] kinds)
    {
        var policy = policies().PolicyOf(session.Principal);
        return kinds.All(kind => session.Slots.All(s => session.Catalogue.InOrder(kind, s.Name).All(o => !o.IsPoisoned && policy is not null && policy.Allows(o.Target))));
    }

    private static async Task ReconnectAsync(GatewaySession session, BackendSlot slot)
    {
        // Five attempts, a little more than half a minute with the pauses of BackendHealth; after that the next call tries.
        for (var attempt = 0; attempt < 5 && !session.Closing.IsCancellationRequested; attempt++)
        {
            try
            {
                await slot.Health.PauseAsync(session.Closing);
                await slot.ConnectAsync(session.Closing);
                return;
            }
            catch (Exception e) when (e is Mcp.Backends.BackendUnavailableException or ObjectDisposedException or OperationCanceledException)
            {
                // Still down, or the session ended; the loop decides.
            }
        }
    }
}
