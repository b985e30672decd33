using Oktsec.Core.Pipeline;

namespace Oktsec.Core.Policy;

/// <summary>An allow list over resource URIs; empty allows everything.</summary>
/// <remarks>An entry that begins with a configured backend's name and a slash speaks of that backend's resources; no URI begins so, since each has a scheme.</remarks>
internal sealed class UriMatcher
{
    private readonly (string? Backend, Glob Uri)[] _allowed;

    public UriMatcher(IEnumerable<string> allowed, IReadOnlyCollection<string> backends) => _allowed = [.. allowed.Select(entry => Of(entry, backends))];

    public bool Allows(Target resource)
    {
        if (_allowed.Length == 0)
            return true;
        // file:///data/* must not open file:///data/../etc/shadow: who resolves the dots is the server, after us.
        if (ClimbsUp(resource.OwnName) || ClimbsUp(resource.Name))
            return false;
        foreach (var (backend, uri) in _allowed)
        {
            if ((backend is null || backend == resource.Backend) && (uri.Matches(resource.Name) || uri.Matches(resource.OwnName)))
                return true;
        }
        return false;
    }

    private static (string? Backend, Glob Uri) Of(string entry, IReadOnlyCollection<string> backends) =>
        entry.IndexOf('/', StringComparison.Ordinal) is > 0 and var slash && backends.Contains(entry[..slash])
            ? (entry[..slash], new Glob(entry[(slash + 1)..])) : (null, new Glob(entry));

    /// <summary>Whether a segment is <c>..</c>, also percent-encoded (also more than once) or between backslashes.</summary>
    internal static bool ClimbsUp(string uri)
    {
        if (!uri.Contains("..", StringComparison.Ordinal) && !uri.Contains('%', StringComparison.Ordinal))
            return false;
        // 4: each turn undoes one level of encoding; no server is known to decode more than twice, and what goes deeper hides something.
        for (var turn = 0; turn < 4; turn++)
        {
            if (uri.Split('/', '\\', '?', '#', ';').Contains(".."))
                return true;
            var decoded = Uri.UnescapeDataString(uri);
            if (decoded == uri)
                return false;
            uri = decoded;
        }
        return true;
    }
}
