using Oktsec.Core.Pipeline;

namespace Oktsec.Core.Policy;

/// <summary>An allow list over resource URIs; empty allows everything.</summary>
internal sealed class UriMatcher(IEnumerable<string> allowed)
{
    private readonly Glob[] _allowed = [.. allowed.Select(p => new Glob(p))];

    public bool Allows(Target resource)
    {
        if (_allowed.Length == 0)
            return true;
        // file:///data/* must not open file:///data/../etc/shadow: who resolves the dots is the server, after us.
        if (ClimbsUp(resource.OwnName) || ClimbsUp(resource.Name))
            return false;
        foreach (var glob in _allowed)
        {
            if (glob.Matches(resource.Name) || glob.Matches(resource.OwnName))
                return true;
        }
        return false;
    }

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
