using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;

namespace Oktsec.Gateway;

/// <summary>The last known tools and prompts of all configured backends, and the names they are exposed under. Thread safe.</summary>
/// <remarks>
/// Kept in the store, so that names do not change with which backend happens to be up. A name that one backend alone has stays as it is;
/// one that several have becomes <c>backend_name</c>. Nothing collides: whatever would is told apart by a hash of (backend, name).
/// </remarks>
internal sealed class NameBook
{
    /// <summary>64: longer names break clients (MCP names may have 128; the model APIs behind the clients accept 64).</summary>
    public const int MaxLength = 64;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, IReadOnlyList<string>> _known = new(StringComparer.Ordinal);
    private IReadOnlyList<string> _order = [];
    private volatile Names _names = new(FrozenDictionary<(string, string), string>.Empty, FrozenSet<string>.Empty);

    /// <summary>The configured backends; others are forgotten for deciding conflicts.</summary>
    public void Configure(IEnumerable<string> backends)
    {
        lock (_lock)
        {
            _order = [.. backends];
            Rebuild();
        }
    }

    /// <summary>Learns a backend's names; returns whether anything changed.</summary>
    public bool Learn(string backend, IReadOnlyList<string> names)
    {
        lock (_lock)
        {
            if (_known.TryGetValue(backend, out var before) && before.SequenceEqual(names, StringComparer.Ordinal))
                return false;
            _known[backend] = names;
            Rebuild();
            return true;
        }
    }

    public string Exposed(string backend, string own) =>
        _names.Exposed.TryGetValue((backend, own), out var exposed) ? exposed : Usable(own) ? own : Hashed(backend, own, own);

    /// <summary>Names that other backends offer and this one does not, for finding tools that imitate or steer them. The same object until a name changes.</summary>
    public IReadOnlyCollection<string> OtherThan(string backend) => _names.OtherThan(backend);

    /// <summary>Everything known, for the store.</summary>
    public IReadOnlyList<string> Known(string backend)
    {
        lock (_lock)
            return _known.GetValueOrDefault(backend) ?? [];
    }

    public bool IsUnique(string own) => !_names.Shared.Contains(own);

    /// <summary>A name told apart by a hash of where it comes from, within the length limit.</summary>
    public static string Hashed(string backend, string own, string wish, int salt = 0)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{backend}\0{own}\0{salt}")))[..8];
        var clean = Clean(wish);
        return $"{clean[..Math.Min(clean.Length, MaxLength - 9)]}_{hash}";
    }

    private void Rebuild()
    {
        var backends = _order.Where(_known.ContainsKey).ToList();
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var name in backends.SelectMany(b => _known[b].Distinct(StringComparer.Ordinal)))
            counts[name] = counts.GetValueOrDefault(name) + 1;
        // Own names that stay as they are come first: no derived name may take one of them, whichever backend it belongs to.
        var taken = new HashSet<string>(counts.Where(c => c.Value == 1 && Usable(c.Key)).Select(c => c.Key), StringComparer.Ordinal);
        var exposed = new Dictionary<(string, string), string>();
        foreach (var backend in backends)
        {
            foreach (var own in _known[backend].Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
            {
                if (counts[own] == 1 && Usable(own))
                {
                    exposed[(backend, own)] = own;
                    continue;
                }
                var wish = counts[own] > 1 ? Clean($"{backend}_{own}") : Clean(own);
                var name = wish;
                // A hostile backend may offer the very name a hash would give; then the next salt decides.
                for (var salt = 0; !Usable(name) || counts.ContainsKey(name) || !taken.Add(name); salt++)
                    name = Hashed(backend, own, wish, salt);
                exposed[(backend, own)] = name;
            }
        }
        _names = new Names(exposed.ToFrozenDictionary(), counts.Where(c => c.Value > 1).Select(c => c.Key).ToFrozenSet(StringComparer.Ordinal));
    }

    private static bool Usable(string name) => name.Length is > 0 and <= MaxLength && name.All(IsAllowed);

    private static string Clean(string name) => string.Concat(name.Select(c => IsAllowed(c) ? c : '_'));

    private static bool IsAllowed(char c) => char.IsAsciiLetterOrDigit(c) || c is '_' or '-';

    private sealed record Names(FrozenDictionary<(string Backend, string Own), string> Exposed, FrozenSet<string> Shared)
    {
        private readonly ConcurrentDictionary<string, IReadOnlyCollection<string>> _others = new(StringComparer.Ordinal);

        // A server may speak of its own tools as it likes, also where another one has a tool of that name.
        public IReadOnlyCollection<string> OtherThan(string backend) => _others.GetOrAdd(backend, static (backend, exposed) =>
        {
            var own = exposed.Keys.Where(k => k.Backend == backend).Select(k => k.Own).ToHashSet(StringComparer.Ordinal);
            return [.. exposed.Keys.Select(k => k.Own).Where(name => !own.Contains(name)).Distinct(StringComparer.Ordinal)];
        }, Exposed);
    }
}
