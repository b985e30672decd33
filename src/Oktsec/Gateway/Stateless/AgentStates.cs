using System.Collections.Concurrent;
using System.Text;
using Oktsec.Commands;
using Oktsec.Core.Configuration;
using Oktsec.Core.Identity;
using Oktsec.Mcp.Envelope;
using Oktsec.Mcp.Http;

namespace Oktsec.Gateway.Stateless;

/// <summary>
/// What the gateway keeps of agents that know no sessions: for each principal, and for each set of client features its backends must be told at
/// initialize (none of those that know no sessions themselves), one view of what is offered and one connection to each backend. Thread safe.
/// </summary>
/// <remarks>
/// A state is a <see cref="GatewaySession"/> without an id that anybody could name. It is found by who calls, and how we know; nothing of one
/// principal is reachable by another. It ends like a session that nobody uses, and counts as one against the limits.
/// </remarks>
internal sealed class AgentStates(SessionRegistry sessions, BackendRegistry backends, ServerRelay fromBackends, GatewayLife life, TimeProvider time)
{
    /// <summary>16 sets of features per principal: clients differ in a handful of yes and no; each costs a connection to every backend.</summary>
    private const int MostPerPrincipal = 16;

    private readonly ConcurrentDictionary<Principal, State[]> _states = new();
    private readonly Lock _creating = new();

    /// <summary>The state of whoever sent a message, made when there is none; null when there is no room for one.</summary>
    public GatewaySession? Find(Principal principal, RpcMessage message, LimitsConfig limits)
    {
        var said = message.ClientCapabilities.IsEmpty ? "{}"u8 : message.Span(message.ClientCapabilities);
        if (Known(principal, said) is not { } session)
        {
            if (Make(principal, said.ToArray(), message, limits) is not { } made)
                return null;
            session = made;
        }
        session.Touch(time.GetTimestamp());
        return session;
    }

    /// <summary>A state has ended.</summary>
    public void Forget(GatewaySession session)
    {
        if (!session.IsStateless)
            return;
        lock (_creating)
        {
            var left = _states.GetValueOrDefault(session.Principal, []).Where(s => s.Session != session).ToArray();
            if (left.Length > 0)
                _states[session.Principal] = left;
            else
                _states.TryRemove(session.Principal, out _);
        }
    }

    private GatewaySession? Known(Principal principal, ReadOnlySpan<byte> said)
    {
        foreach (var state in _states.GetValueOrDefault(principal, []))
        {
            if (said.SequenceEqual(state.Said) && !state.Session.Closing.IsCancellationRequested)
                return state.Session;
        }
        foreach (var state in _states.GetValueOrDefault(principal, []))
        {
            if (IsAllModern(state.Session) && !state.Session.Closing.IsCancellationRequested)
                return state.Session;
        }
        return null;
    }

    private GatewaySession? Make(Principal principal, byte[] said, RpcMessage message, LimitsConfig limits)
    {
        lock (_creating)
        {
            if (Known(principal, said) is { } meanwhile)
                return meanwhile;
            var features = ClientFeatures.Read(said);
            var all = _states.GetValueOrDefault(principal, []).Where(s => !s.Session.Closing.IsCancellationRequested).ToArray();
            // The same features in other words are the same state.
            if (all.FirstOrDefault(s => s.Session.Features.Json == features.Json) is { } same)
            {
                _states[principal] = [.. all.Where(s => s != same), same with { Said = said }];
                return same.Session;
            }
            if (all.Length >= MostPerPrincipal)
            {
                if (all.Where(s => !s.Session.IsBusy).MinBy(s => s.Session.LastUsed) is not { } oldest)
                    return null;
                all = [.. all.Where(s => s != oldest)];
                _ = sessions.EndAsync(oldest.Session).AsTask();
            }
            if (life.IsDraining || !sessions.TryReserve(principal.Agent, limits))
                return null;
            var session = new GatewaySession(SessionRegistry.NewId(), principal, Revisions.Stateless, InitializeParams(features, message), fromBackends) { Features = features };
            backends.Open(session, sessions);
            _states[principal] = [.. all, new State(said, session)];
            return session;
        }
    }

    // Backends that know no sessions either are told with each request what the agent can do: one connection serves for whatever it says.
    private static bool IsAllModern(GatewaySession session)
    {
        foreach (var slot in session.Slots)
        {
            if (slot.Current?.Handshake?.Discovered is null)
                return false;
        }
        return true;
    }

    private static byte[] InitializeParams(ClientFeatures features, RpcMessage message)
    {
        var info = message.ClientInfo.IsEmpty ? default : message.Span(message.ClientInfo);
        var isUsable = JsonMembers.Text(info, "name"u8) is not null && JsonMembers.Text(info, "version"u8) is not null;
        return
        [
            .. "{\"protocolVersion\":\""u8, .. Encoding.ASCII.GetBytes(Revisions.Latest), .. "\",\"capabilities\":"u8, .. Encoding.UTF8.GetBytes(features.Json),
            .. ",\"clientInfo\":{\"name\":"u8, .. JsonText.Quote(isUsable ? JsonMembers.Text(info, "name"u8)! : "oktsec"),
            .. ",\"version\":"u8, .. JsonText.Quote(isUsable ? JsonMembers.Text(info, "version"u8)! : VersionCommand.Version), .. "}}"u8,
        ];
    }

    private sealed record State(byte[] Said, GatewaySession Session);
}
