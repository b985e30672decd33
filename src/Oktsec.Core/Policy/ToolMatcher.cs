namespace Oktsec.Core.Policy;

/// <summary>Allow and deny lists over names. An empty allow list allows everything; a deny entry always wins.</summary>
/// <remarks>
/// An entry fits a tool by the name that agents see, by <c>backend/tool</c>, by <c>backend_tool</c> (whether or not the name is in conflict), or by
/// the backend's own name when no other backend has it. Immutable.
/// </remarks>
public sealed class ToolMatcher
{
    // The longest names in use are under 130 characters with their backend's; longer ones are put together on the heap.
    private const int StackCharacters = 256;

    private readonly Entry[] _allowed;
    private readonly Glob[] _denied;

    /// <param name="allowed">Entries as configured.</param>
    /// <param name="denied">Entries as configured.</param>
    /// <param name="backends">Names of the configured backends. An allow entry that begins with one and <c>_</c> or <c>/</c> speaks of that one only.</param>
    public ToolMatcher(IEnumerable<string> allowed, IEnumerable<string> denied, IEnumerable<string>? backends = null)
    {
        var names = backends?.ToArray() ?? [];
        _allowed = [.. allowed.Select(pattern => new Glob(pattern)).Select(glob => new Entry(glob, BackendOf(glob, names)))];
        _denied = [.. denied.Select(pattern => new Glob(pattern))];
    }

    public static ToolMatcher Everything { get; } = new([], []);

    /// <summary>Whether nothing is restricted.</summary>
    public bool IsOpen => _allowed.Length == 0 && _denied.Length == 0;

    /// <summary>The one predicate behind both lists and calls.</summary>
    /// <param name="exposed">The name agents see.</param>
    /// <param name="backend">The backend that owns it.</param>
    /// <param name="own">The backend's own name.</param>
    /// <param name="isOwnUnique">Whether no other backend uses <paramref name="own"/>; only then does a bare own name allow.</param>
    public bool Allows(string exposed, string backend, string own, bool isOwnUnique)
    {
        if (IsOpen)
            return true;
        var length = backend.Length + 1 + own.Length;
        Span<char> joined = length <= StackCharacters ? stackalloc char[length] : new char[length];
        backend.CopyTo(joined);
        own.CopyTo(joined[(backend.Length + 1)..]);
        foreach (var glob in _denied)
        {
            // Denied by its bare name on every backend that has it: forbidding too much is the safe side.
            if (Fits(glob, exposed, backend, own, joined, ownCounts: true))
                return false;
        }
        if (_allowed.Length == 0)
            return true;
        foreach (var (glob, speaksOf) in _allowed)
        {
            if ((speaksOf is null || speaksOf == backend) && Fits(glob, exposed, backend, own, joined, isOwnUnique))
                return true;
        }
        return false;
    }

    /// <summary>The backend that an entry is about by its own words, or null: the longest name that stands before <c>_</c> or <c>/</c>.</summary>
    /// <remarks>A backend chooses the names of its tools. One called evil that offers <c>filesystem_write</c> must not be reached by <c>filesystem_*</c>.</remarks>
    internal static string? BackendOf(Glob entry, IEnumerable<string> backends)
    {
        string? longest = null;
        foreach (var name in backends)
        {
            var begins = entry.Head.Length > name.Length && entry.Head[name.Length] is '_' or '/'
                && entry.Head.StartsWith(name, StringComparison.Ordinal);
            if (begins && name.Length > (longest?.Length ?? 0))
                longest = name;
        }
        return longest;
    }

    private static bool Fits(Glob glob, string exposed, string backend, string own, Span<char> joined, bool ownCounts)
    {
        if (glob.Matches(exposed) || (ownCounts && glob.Matches(own)))
            return true;
        joined[backend.Length] = '/';
        if (glob.Matches(joined))
            return true;
        joined[backend.Length] = '_';
        return glob.Matches(joined);
    }

    private readonly record struct Entry(Glob Glob, string? SpeaksOf);
}
