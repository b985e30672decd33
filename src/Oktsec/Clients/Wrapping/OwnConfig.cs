using System.Text;
using Oktsec.Clients.Documents;
using Oktsec.Clients.Files;
using Oktsec.Storage;

namespace Oktsec.Clients.Wrapping;

/// <summary>Our own configuration, as far as wrapped servers need it: it must exist, and know their names.</summary>
internal static class OwnConfig
{
    private const string Empty = """
        # What the servers of this machine's MCP clients may do when they are started through oktsec.
        # Without agents: every one is served, with all tools and all checks. docs/configuration.md has every key.

        """;

    /// <summary>Creates it when there is none; adds names to <c>agents:</c> when there are some, since only those are served then.</summary>
    /// <returns>What is wrong, or null.</returns>
    public static string? Prepare(Machine machine, IReadOnlyList<string> agents)
    {
        var path = machine.ConfigPath;
        try
        {
            OwnedFile.CreateFolderOf(path);
            if (SafeFile.Read(path, ClientFile.MaxBytes) is not { } file)
            {
                using var created = OwnedFile.OpenNew(path, FileMode.CreateNew);
                created.Write(Encoding.UTF8.GetBytes(Empty));
                return null;
            }
            if (file.Problem is { } problem)
                return problem;
            var text = Encoding.UTF8.GetString(file.Bytes);
            var changed = With(text, agents);
            return changed == text ? null : SafeFile.Replace(file.RealPath, file.Bytes, Encoding.UTF8.GetBytes(changed));
        }
        catch (DocumentException e)
        {
            return $"it is not valid YAML: {e.Message}; oktsec verify says more";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
    }

    /// <summary>The text with the names under <c>agents:</c>.</summary>
    /// <exception cref="DocumentException">It is not YAML.</exception>
    internal static string With(string text, IReadOnlyList<string> agents)
    {
        var document = Document.Parse(DocumentFormat.Yaml, text);
        foreach (var agent in agents)
        {
            // No agents at all means that every name is served; the first one would shut out the others.
            if (document.Find("agents") is MapNode { Members.Count: > 0 } known && known.Find(agent) is null)
                document = document.Set(["agents", agent], Node.OfMap([]));
        }
        return document.Text;
    }
}
