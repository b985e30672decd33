using Oktsec.Core.Pipeline;
using Oktsec.Mcp.Backends;
using Oktsec.Mcp.Envelope;

namespace Oktsec.Gateway.Stateless;

/// <summary>
/// Subscriptions at backends for subscriptions/listen: resources and tasks. The first stream of an agent that wants one makes it and the last ends it; on a
/// shared backend the first and the last of all agents.
/// </summary>
internal sealed class Watches(TargetFinder targets, BackendRegistry backends)
{
    // What the agent may not see, nobody offers or no backend lets it subscribe to looks the same: it is not among these.
    public async Task<List<string>> ResourcesAsync(Exchange x, Listener listener, IReadOnlyList<string> uris)
    {
        var honoured = new List<string>();
        foreach (var exposed in uris)
        {
            var found = await targets.FindResourceAsync(x.Session, exposed, x.Call.Policies, x.Reply.Left);
            if (!found.Target.Exists || !MayUse(x, found.Target) || x.Session.Slot(found.Target.Backend) is not { } slot)
                continue;
            var key = (slot, found.Target.OwnName);
            listener.Resources[key] = 0;
            if (await FirstAsync(x.Session, Resource(x.Session, slot, found.Target.OwnName)))
                honoured.Add(exposed);
            else
                listener.Resources.TryRemove(key, out _);
        }
        return honoured;
    }

    /// <summary>The same of tasks: those this agent was told of, while the tools they came from may be used.</summary>
    public async Task<List<string>> TasksAsync(Exchange x, Listener listener, IReadOnlyList<string> ids)
    {
        var honoured = new List<string>();
        foreach (var exposed in ids)
        {
            if (x.Session.Tasks.Find(exposed) is not { } task || !MayUse(x, task.Target) || x.Session.Slot(task.Backend) is not { } slot)
                continue;
            listener.Tasks[(slot, task.OwnId)] = 0; // first: a task that ends right then says so once
            if (await FirstAsync(x.Session, Task(x.Session, slot, task.OwnId)))
                honoured.Add(exposed);
            else
                listener.Tasks.TryRemove((slot, task.OwnId), out _);
        }
        return honoured;
    }

    /// <summary>A stream has ended.</summary>
    public async Task EndAsync(GatewaySession session, Listener gone)
    {
        foreach (var (slot, uri) in gone.Resources.Keys)
            await LastAsync(session, Resource(session, slot, uri), l => l.Resources.ContainsKey((slot, uri)));
        foreach (var (slot, id) in gone.Tasks.Keys)
            await LastAsync(session, Task(session, slot, id), l => l.Tasks.ContainsKey((slot, id)));
    }

    /// <summary>Asks a backend to tell of a task; false when it does not.</summary>
    public static async ValueTask<bool> WatchTaskAsync(BackendSlot slot, string id)
    {
        try
        {
            return (slot.Current ?? await slot.ConnectAsync(CancellationToken.None)) is ITaskWatch backend && await backend.WatchTaskAsync(id, CancellationToken.None);
        }
        catch (Exception e) when (IsLoss(e))
        {
            return false;
        }
    }

    private static bool MayUse(Exchange x, Target target) => x.Call.Policies.IsObserving || x.Call.Policy?.Allows(target) == true;

    private Watch Resource(GatewaySession session, BackendSlot slot, string uri) => new(
        slot, uri, session.Subscriptions, Shared(slot)?.Subscriptions, () => TellAsync(slot, Methods.ResourcesSubscribe, uri), () => TellAsync(slot, Methods.ResourcesUnsubscribe, uri));

    private Watch Task(GatewaySession session, BackendSlot slot, string id) => new(
        slot, id, session.WatchedTasks, Shared(slot)?.WatchedTasks, () => WatchTaskAsync(slot, id), () => UnwatchTaskAsync(slot, id));

    private SharedBackend? Shared(BackendSlot slot) => slot.Config.Shared ? backends.Shared(slot.Name) : null;

    private static async ValueTask<bool> FirstAsync(GatewaySession session, Watch watch)
    {
        await session.Listeners.Turn.WaitAsync(CancellationToken.None);
        try
        {
            if (!watch.Own.TryAdd(watch.Slot, watch.Key))
                return true; // another stream of this agent has it
            if (await watch.Begin())
            {
                watch.All?.Add(watch.Key);
                return true;
            }
            watch.Own.TryRemove(watch.Slot, watch.Key);
            return false;
        }
        finally
        {
            session.Listeners.Turn.Release();
        }
    }

    private static async Task LastAsync(GatewaySession session, Watch watch, Func<Listener, bool> wants)
    {
        await session.Listeners.Turn.WaitAsync(CancellationToken.None);
        try
        {
            if (session.Listeners.All.Any(wants) || !watch.Own.TryRemove(watch.Slot, watch.Key))
                return;
            var isLast = watch.All?.IsLast(watch.Key) != false;
            watch.All?.Remove(watch.Key);
            if (isLast && watch.Slot.Current is not null && !session.Closing.IsCancellationRequested)
                await watch.End();
        }
        finally
        {
            session.Listeners.Turn.Release();
        }
    }

    private static async ValueTask<bool> UnwatchTaskAsync(BackendSlot slot, string id)
    {
        try
        {
            if (slot.Current is ITaskWatch backend)
                await backend.UnwatchTaskAsync(id, CancellationToken.None);
            return true;
        }
        catch (Exception e) when (IsLoss(e))
        {
            return false;
        }
    }

    private static async ValueTask<bool> TellAsync(BackendSlot slot, string method, string uri)
    {
        try
        {
            if (slot.Current is null)
                await slot.ConnectAsync(CancellationToken.None); // a start takes longer than an answer
            return await Telling.TellAsync(slot, slot.RequestAsync, method, (byte[])[.. "{\"uri\":"u8, .. JsonText.Quote(uri), .. "}"u8]);
        }
        catch (Exception e) when (IsLoss(e))
        {
            return false;
        }
    }

    private static bool IsLoss(Exception e) => e is BackendUnavailableException or TimeoutException or ObjectDisposedException or OperationCanceledException;

    /// <param name="Key">The backend's own URI or id.</param>
    /// <param name="Own">What this agent is subscribed to.</param>
    /// <param name="All">How many agents are, on a shared backend.</param>
    private sealed record Watch(BackendSlot Slot, string Key, Subscriptions Own, SubscriptionCounts? All, Func<ValueTask<bool>> Begin, Func<ValueTask<bool>> End);
}
