namespace Oktsec.Core.Policy;

/// <summary>One entry of a list of tools or prompts: a name or pattern, with or without its backend. docs/pipeline.md, "Which names count".</summary>
/// <remarks>
/// The operator names backends, servers name tools. So an entry with a slash, or one that begins with a configured backend's name and <c>_</c>, speaks of
/// that backend only: a server called evil that offers <c>files_read</c> or <c>files/read</c> is not reached by <c>files_*</c> or <c>files/read</c>. Immutable.
/// </remarks>
internal sealed class NamePattern
{
    // The longest names in use are under 130 characters with their backend's; longer ones are put together on the heap.
    private const int StackCharacters = 256;

    private readonly Glob _name;      // the whole entry, or what stands behind the slash
    private readonly Glob? _backend;  // what stands before it
    private readonly string? _owner;  // the backend that an entry without slash begins with
    private readonly Glob _wide;

    /// <param name="text">The entry.</param>
    /// <param name="backends">Names of the configured backends.</param>
    public NamePattern(string text, IReadOnlyCollection<string> backends)
    {
        _wide = new Glob(text, ignoreCase: true);
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash >= 0)
        {
            (_backend, _name) = (new Glob(text[..slash]), new Glob(text[(slash + 1)..]));
            IsSure = true;
            return;
        }
        _name = new Glob(text);
        var owners = backends.Where(b => _name.Head.StartsWith(b + "_", StringComparison.Ordinal)).ToList();
        // The longest: with backends git and git_lab, agents see git_lab_search as the name of git_lab's search.
        _owner = owners.MaxBy(o => o.Length);
        IsSure = owners.Count == 1 || backends.Count <= 1 || text.All(c => c == '*');
    }

    /// <summary>Whether no name that a server chose can decide which backend is meant.</summary>
    public bool IsSure { get; }

    /// <summary>The narrow reading, for what is permitted.</summary>
    /// <param name="exposed">The name agents see.</param>
    /// <param name="backend">The backend that owns it.</param>
    /// <param name="own">The backend's own name.</param>
    /// <param name="isOwnUnique">Whether no other backend uses <paramref name="own"/>; only then does it count without its backend.</param>
    public bool Means(string exposed, string backend, string own, bool isOwnUnique) =>
        _backend is not null ? _backend.Matches(backend) && _name.Matches(own)
        : (_owner is null || _owner == backend)
            && (_name.Matches(exposed) || ((isOwnUnique || _owner is not null) && _name.Matches(own)) || Joined(_name, backend, '_', own));

    /// <summary>The wide reading, for what is forbidden or in doubt: any of its names, in any case, whether or not others have it too.</summary>
    public bool Touches(string exposed, string backend, string own) =>
        _wide.Matches(exposed) || _wide.Matches(own) || Joined(_wide, backend, '/', own) || Joined(_wide, backend, '_', own);

    private static bool Joined(Glob glob, string backend, char separator, string own)
    {
        var length = backend.Length + 1 + own.Length;
        if (glob.IsLiteral && glob.Pattern.Length != length)
            return false;
        Span<char> joined = length <= StackCharacters ? stackalloc char[length] : new char[length];
        backend.CopyTo(joined);
        joined[backend.Length] = separator;
        own.CopyTo(joined[(backend.Length + 1)..]);
        return glob.Matches(joined);
    }
}
