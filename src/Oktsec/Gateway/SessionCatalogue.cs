using System.Collections.Concurrent;
using Oktsec.Core.Pipeline;
using Oktsec.Mcp.Envelope;
using Oktsec.Mcp.Http;
using Oktsec.Scanning;

namespace Oktsec.Gateway;

/// <summary>One thing a backend offers, as one session knows it.</summary>
/// <param name="Target">Exposed name, backend and own name.</param>
/// <param name="Item">The definition as the backend spelled it.</param>
/// <param name="IsPoisoned">The definition was denied: it is neither listed nor callable.</param>
/// <param name="Definition">What is listed: the definition with the exposed name and any redactions.</param>
internal sealed record Offer(Target Target, ListItem Item, bool IsPoisoned, ReadOnlyMemory<byte> Definition)
{
    /// <summary>What the scanner is told with every call of it.</summary>
    public ScanHints Hints { get; } = new() { Tool = Item.Key, InputSchema = Item.InputSchema };

    /// <summary>What clients of 2026-07-28 repeat of its arguments in headers; read when first asked for.</summary>
    public MirroredParameters Mirrored => field ??= MirroredParameters.Of(Item.InputSchema);
}

/// <summary>What one session has been told is there. An exposed name never changes within a session. Thread safe.</summary>
internal sealed class SessionCatalogue
{
    private readonly ConcurrentDictionary<(ListKind, string Backend, string Own), string> _exposed = new();
    private readonly ConcurrentDictionary<(ListKind, string Exposed), (string Backend, string Own)> _owner = new();
    private readonly ConcurrentDictionary<(ListKind, string Exposed), Offer> _offers = new();
    private readonly ConcurrentDictionary<(ListKind, string Backend), string[]> _listed = new();
    private readonly Lock _changing = new(); // a list and what is in it belong together; who reads sees one of them first, and asks

    /// <summary>The exposed name of a backend's own, fixed at first sight. Of two that would meet, the later gets a hash.</summary>
    public string Expose(ListKind kind, string backend, string own, string wish)
    {
        if (_exposed.TryGetValue((kind, backend, own), out var name))
            return name;
        for (var salt = 0; !IsOwner(_owner.GetOrAdd((kind, wish), (backend, own)), backend, own); salt++)
            wish = NameBook.Hashed(backend, own, wish, salt);
        return _exposed.GetOrAdd((kind, backend, own), wish);
    }

    /// <summary>The URI an agent uses for a backend's: its own, unless an earlier backend offers the same.</summary>
    public string ExposeUri(ListKind kind, string backend, string uri) =>
        IsOwner(_owner.GetOrAdd((kind, uri), (backend, uri)), backend, uri) ? uri : $"oktsec://{backend}/{Uri.EscapeDataString(uri)}";

    /// <summary>What an exposed name stands for, or null.</summary>
    public Offer? Find(ListKind kind, string exposed) => _offers.GetValueOrDefault((kind, exposed));

    public bool Knows(ListKind kind, string backend) => _listed.ContainsKey((kind, backend));

    /// <summary>What one backend offers, in its order.</summary>
    public IEnumerable<Offer> InOrder(ListKind kind, string backend) =>
        _listed.TryGetValue((kind, backend), out var names) ? names.Select(n => Find(kind, n)).OfType<Offer>() : [];

    /// <summary>Replaces what a backend offers; what it no longer offers is gone.</summary>
    public void Replace(ListKind kind, string backend, IReadOnlyList<Offer> offers)
    {
        var names = offers.Select(o => o.Target.Name).ToArray();
        lock (_changing)
        {
            foreach (var offer in offers)
                _offers[(kind, offer.Target.Name)] = offer;
            if (_listed.TryGetValue((kind, backend), out var before))
            {
                foreach (var gone in before.Except(names, StringComparer.Ordinal))
                    _offers.TryRemove((kind, gone), out _);
            }
            _listed[(kind, backend)] = names;
        }
    }

    /// <summary>Adds one page of what a backend offers.</summary>
    public void Add(ListKind kind, IReadOnlyList<Offer> offers)
    {
        foreach (var offer in offers)
            _offers[(kind, offer.Target.Name)] = offer;
    }

    /// <summary>A backend was reconfigured: forget what it offered, keep the names.</summary>
    public void Forget(string backend)
    {
        lock (_changing)
        {
            foreach (var kind in ListKind.All)
            {
                if (!_listed.TryRemove((kind, backend), out var names))
                    continue;
                foreach (var name in names)
                    _offers.TryRemove((kind, name), out _);
            }
        }
    }

    private static bool IsOwner((string Backend, string Own) owner, string backend, string own) => owner.Backend == backend && owner.Own == own;
}
