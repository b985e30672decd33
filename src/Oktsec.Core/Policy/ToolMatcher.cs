namespace Oktsec.Core.Policy;

/// <summary>Allow and deny lists over names. An empty allow list allows everything; a deny entry always wins.</summary>
public sealed class ToolMatcher(IEnumerable<string> allowed, IEnumerable<string> denied)
{
    private readonly Glob[] _allowed = [.. allowed.Select(p => new Glob(p))];
    private readonly Glob[] _denied = [.. denied.Select(p => new Glob(p))];

    public static ToolMatcher Everything { get; } = new([], []);

    /// <summary>Whether nothing is restricted.</summary>
    public bool IsOpen => _allowed.Length == 0 && _denied.Length == 0;

    /// <summary>The one predicate behind both lists and calls.</summary>
    /// <param name="exposed">The name agents see.</param>
    /// <param name="backend">The backend that owns it.</param>
    /// <param name="own">The backend's own name.</param>
    /// <param name="isOwnUnique">Whether no other backend uses <paramref name="own"/>; only then does a bare own name count.</param>
    public bool Allows(string exposed, string backend, string own, bool isOwnUnique) =>
        !Any(_denied, exposed, backend, own, isOwnUnique: true) && (_allowed.Length == 0 || Any(_allowed, exposed, backend, own, isOwnUnique));

    private static bool Any(Glob[] globs, string exposed, string backend, string own, bool isOwnUnique)
    {
        foreach (var glob in globs)
        {
            if (glob.Matches(exposed) || (isOwnUnique && glob.Matches(own))
                || glob.Matches($"{backend}/{own}") || glob.Matches($"{backend}_{own}"))
            {
                return true;
            }
        }
        return false;
    }
}
