using System.Text;
using Oktsec.Clients.Documents;
using Oktsec.Clients.Files;
using Oktsec.Storage;

namespace Oktsec.Clients.Wrapping;

/// <summary>Our own configuration, as far as wrapped servers need it: it must exist, and know their names.</summary>
internal static class OwnConfig
{
    private const string Head = """
        # What the MCP clients of this machine may do through oktsec. Written by oktsec, yours from here on.
        # docs/configuration.md has every key; oktsec verify says what this file means.

        """;

    private const string NoAgents = "# Without agents: every name is served, with all tools and all checks.\n";

    // Names in a file that nobody has to prove would be anybody's at the gateway; each wrapped client has a token.
    private const string Agents = """

        gateway:
          require_auth: true   # at the gateway a name counts with its token only: oktsec tokens create NAME

        # Each server by its name in the client. {} is all tools and all checks; who is not named here is denied.
        # allowed_tools: [read_file, list_directory] leaves only these, blocked_content: [credentials] refuses more.
        agents:

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
                created.Write(Encoding.UTF8.GetBytes(New(agents)));
                return null;
            }
            if (file.Problem is { } problem)
                return problem;
            var text = Encoding.UTF8.GetString(file.Bytes);
            // One that was written when there was nothing to name is written anew; one that somebody has touched is only added to.
            var changed = text == New([]) ? New(agents) : With(text, agents);
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

    private static string New(IReadOnlyList<string> agents) =>
        Head + (agents.Count == 0 ? NoAgents : Agents + string.Concat(agents.Select(a => $"  {YamlText.Write(a)}: {{}}\n")));

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
