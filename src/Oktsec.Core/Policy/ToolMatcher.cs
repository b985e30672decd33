namespace Oktsec.Core.Policy;

/// <summary>Allow and deny lists over names. An empty allow list allows everything; a deny entry always wins.</summary>
/// <remarks>Entries that allow are read narrowly, entries that deny widely: doubt ends in a denial (<see cref="NamePattern"/>). Immutable.</remarks>
public sealed class ToolMatcher
{
    private readonly NamePattern[] _allowed;
    private readonly NamePattern[] _denied;
    private readonly bool _allowsAll;

    /// <param name="allowed">Entries as configured.</param>
    /// <param name="denied">Entries as configured.</param>
    /// <param name="backends">Names of the configured backends.</param>
    /// <param name="ambiguous">Entries of <paramref name="allowed"/> that fit tools of two backends: they allow nothing.</param>
    public ToolMatcher(IEnumerable<string> allowed, IEnumerable<string> denied, IReadOnlyCollection<string>? backends = null, IReadOnlySet<string>? ambiguous = null)
    {
        // By what is written: a list whose only entry is ambiguous must not become the empty list that allows everything.
        _allowsAll = !allowed.Any();
        _allowed = [.. allowed.Where(entry => ambiguous?.Contains(entry) != true).Select(entry => new NamePattern(entry, backends ?? []))];
        _denied = [.. denied.Select(entry => new NamePattern(entry, backends ?? []))];
    }

    public static ToolMatcher Everything { get; } = new([], []);

    /// <summary>The one predicate behind both lists and calls.</summary>
    /// <param name="exposed">The name agents see.</param>
    /// <param name="backend">The backend that owns it.</param>
    /// <param name="own">The backend's own name.</param>
    /// <param name="isOwnUnique">Whether no other backend uses <paramref name="own"/>; only then does a bare own name allow.</param>
    public bool Allows(string exposed, string backend, string own, bool isOwnUnique)
    {
        foreach (var entry in _denied)
        {
            if (entry.Touches(exposed, backend, own))
                return false;
        }
        foreach (var entry in _allowed)
        {
            if (entry.Means(exposed, backend, own, isOwnUnique))
                return true;
        }
        return _allowsAll;
    }
}
