using System.Collections.Concurrent;
using Oktsec.Core.Pipeline;

namespace Oktsec.Gateway;

/// <summary>A task of a backend as one session knows it.</summary>
/// <param name="Id">What the agent calls it.</param>
/// <param name="OwnId">What the backend calls it.</param>
/// <param name="Target">The tool it was created by, so that what is fetched later is judged as its result; of no kind when it was only listed.</param>
internal sealed record KnownTask(string Id, string OwnId, Target Target)
{
    public string Backend => Target.Backend;
}

/// <summary>The tasks one session has heard of (MCP 2025-11-25): an id belongs to the backend that issued it, and never changes within the session. Thread safe.</summary>
internal sealed class SessionTasks
{
    /// <summary>10,000 per backend, as many as a list may hold; the oldest is forgotten first, and one backend cannot push out another's.</summary>
    private const int Most = 10_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, KnownTask> _byId = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Backend, string OwnId), KnownTask> _byOwner = [];
    private readonly Dictionary<string, Queue<KnownTask>> _byAge = new(StringComparer.Ordinal);

    /// <summary>Tasks that the agent created for a backend's sampling or elicitation, by the agent's id: only that backend may ask for them.</summary>
    public ConcurrentDictionary<string, BackendSlot> OfAgent { get; } = new(StringComparer.Ordinal);

    /// <summary>Remembers a task; what it was created by is kept once known.</summary>
    public KnownTask Learn(string backend, string ownId, Target? target = null)
    {
        lock (_lock)
        {
            if (_byOwner.TryGetValue((backend, ownId), out var known))
                return target is null || known.Target.Kind != TargetKind.None ? known : Keep(known with { Target = target });
            var id = ownId;
            if (_byId.ContainsKey(id))
                id = $"{backend}_{ownId}";
            for (var salt = 0; _byId.ContainsKey(id); salt++)
                id = NameBook.Hashed(backend, ownId, id, salt);
            known = Keep(new KnownTask(id, ownId, target ?? new Target(TargetKind.None, "", backend, "", true)));
            if (!_byAge.TryGetValue(backend, out var ages))
                _byAge[backend] = ages = new Queue<KnownTask>();
            ages.Enqueue(known);
            if (ages.Count > Most)
                Forget(ages.Dequeue());
            return known;
        }
    }

    /// <summary>The task an agent means, or null.</summary>
    public KnownTask? Find(string id)
    {
        lock (_lock)
            return _byId.GetValueOrDefault(id);
    }

    /// <summary>The task a backend means, or null.</summary>
    public KnownTask? FindOwn(string backend, string ownId)
    {
        lock (_lock)
            return _byOwner.GetValueOrDefault((backend, ownId));
    }

    private KnownTask Keep(KnownTask task) => _byId[task.Id] = _byOwner[(task.Backend, task.OwnId)] = task;

    private void Forget(KnownTask task)
    {
        _byId.Remove(task.Id);
        _byOwner.Remove((task.Backend, task.OwnId));
    }
}
