using System.Text;
using Oktsec.Clients.Documents;
using Oktsec.Clients.Files;
using Oktsec.Configuration;
using Oktsec.Core.Configuration;
using Oktsec.Storage;

namespace Oktsec.Clients.Moving;

/// <summary>The servers of one client's file that are to stand behind the gateway.</summary>
internal sealed record FileMove(Client Client, string Path, IReadOnlyList<MovedServer> Servers);

/// <summary>Moves servers into our configuration, and takes them out again. What they know that is secret goes into files beside it.</summary>
internal sealed class OwnServers(Machine machine)
{
    public const string SecretsFolder = "secrets";

    // What a client may see of which servers: all three, else it would see the prompts and resources of everybody's.
    private static readonly string[] s_lists = ["allowed_tools", "allowed_resources", "allowed_prompts"];

    private readonly MovedBook _book = new(machine);

    /// <returns>What is wrong, or null; then nothing has changed.</returns>
    public string? Add(FileMove move)
    {
        try
        {
            foreach (var (file, text) in move.Servers.SelectMany(s => s.Secrets))
                WriteSecret(file, text);
            if (Change(text => With(text, move)) is { } problem)
            {
                RemoveSecrets(move.Servers.Select(s => s.Name).Except(_book.All().SelectMany(p => p.Servers).Select(s => s.Name)));
                return problem;
            }
            Forsake(move);
            _book.Keep(new MovedPage(move.Path, move.Client.Id, [.. move.Servers.Select(s => (s.Name, s.Hash))]));
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or DocumentException)
        {
            return e.Message;
        }
    }

    // What the file held the last time and holds no more.
    private void Forsake(FileMove move)
    {
        var others = _book.All().Where(p => p.Path != move.Path).SelectMany(p => p.Servers).Select(s => s.Name);
        List<string> gone = [.. (_book.Of(move.Path)?.Servers ?? []).Select(s => s.Name).Except(move.Servers.Select(s => s.Name)).Except(others)];
        if (gone.Count > 0 && Change(text => Without(text, move.Client.Id, gone, gone)) is null)
            RemoveSecrets(gone);
    }

    /// <summary>Takes out what came from a file and is needed by no other.</summary>
    /// <returns>What is wrong, or null.</returns>
    public string? Remove(string path)
    {
        try
        {
            if (_book.Of(path) is not { } page)
                return null;
            var others = _book.All().Where(p => p.Path != path).ToList();
            var gone = page.Servers.Select(s => s.Name).Except(others.SelectMany(p => p.Servers).Select(s => s.Name)).ToList();
            var unseen = page.Servers.Select(s => s.Name).Except(others.Where(p => p.Client == page.Client).SelectMany(p => p.Servers).Select(s => s.Name)).ToList();
            if (Change(text => Without(text, page.Client, gone, unseen)) is { } problem)
                return problem;
            RemoveSecrets(gone);
            _book.Forget(path);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or DocumentException)
        {
            return e.Message;
        }
    }

    internal static string With(string text, FileMove move)
    {
        var document = Document.Parse(DocumentFormat.Yaml, text);
        foreach (var server in move.Servers)
        {
            if (document.Find("mcp_servers", server.Name) is not null)
                continue; // another client's, and the same
            document = document.Find("mcp_servers") is MapNode
                ? document.Set(["mcp_servers", server.Name], server.Entry)
                : document.Set(["mcp_servers"], Node.OfMap([(server.Name, server.Entry)]));
        }
        // Who is named sees its own servers, as before. No names at all means that everybody sees everything; the first would shut out the others.
        if (document.Find("agents") is not MapNode { Members.Count: > 0 })
            return document.Text;
        var id = move.Client.Id;
        // What passes the bridge on the way to the gateway is the agent's own there.
        string[] wanted = [.. move.Servers.Select(s => s.Name), .. move.Client.SpeaksHttp ? Array.Empty<string>() : [id]];
        return s_lists.Aggregate(document, (changed, list) => Allowing(changed, id, list, wanted)).Text;
    }

    private static Document Allowing(Document document, string id, string list, string[] servers)
    {
        var allowed = document.Find("agents", id, list) as ListNode;
        string[] missing = [.. servers.Select(n => n + "/*").Except(allowed?.Items.OfType<TextNode>().Select(t => t.Value) ?? [])];
        return missing.Length == 0 ? document
            : allowed is { Items.Count: > 0 } ? document.InsertFirst(["agents", id, list], missing)
            : document.Find("agents", id) is MapNode { Members.Count: > 0 } ? document.Set(["agents", id, list], Node.OfList(missing))
            : document.Set(["agents", id], Node.OfMap([(list, Node.OfList(missing))]));
    }

    private static string Without(string text, string client, IReadOnlyList<string> gone, IReadOnlyList<string> unseen)
    {
        var document = Document.Parse(DocumentFormat.Yaml, text);
        foreach (var name in gone.Where(n => document.Find("mcp_servers", n) is not null))
            document = document.Find("mcp_servers") is MapNode { Members.Count: 1 } ? document.Remove(["mcp_servers"]) : document.Remove(["mcp_servers", name]);
        if (document.Find("agents", client) is not MapNode agent)
            return document.Text;
        var left = s_lists.Select(list => (List: list, Names: Left(agent, list, client, unseen))).Where(l => l.Names is not null).ToList();
        // An empty list would allow everything: where something of the user's stands beside it, it stays as it is.
        if (left.Count > 0 && left.All(l => l.Names!.Length == 0) && agent.Members.Count == left.Count)
            return document.Set(["agents", client], Node.OfMap([])).Text;
        foreach (var (list, names) in left.Where(l => l.Names!.Length > 0))
        {
            if (names!.Length < ((ListNode)agent[list]!).Items.Count)
                document = document.Set(["agents", client, list], Node.OfList(names));
        }
        return document.Text;
    }

    // What of a list is not ours; null where there is none.
    private static string[]? Left(MapNode agent, string list, string client, IReadOnlyList<string> unseen)
    {
        if (agent[list] is not ListNode { Items.Count: > 0 } allowed)
            return null;
        string[] left = [.. allowed.Items.OfType<TextNode>().Select(t => t.Value).Except(unseen.Select(n => n + "/*"))];
        return left is [var own] && own == client + "/*" ? [] : left; // of the bridge, which is gone with the last server
    }

    // Checked as a whole before it is written: a configuration that cannot be used would stop every server.
    private string? Change(Func<string, string> change)
    {
        var path = machine.ConfigPath;
        if (SafeFile.Read(path, ConfigReader.MaxBytes) is not { Problem: null } file)
            return $"{path} cannot be read";
        var before = Encoding.UTF8.GetString(file.Bytes);
        var after = change(before);
        if (after == before)
            return null;
        var loaded = ConfigReader.Read(after, path, MachineEnvironment.With(KnownRules.Of));
        return loaded.Config is null ? loaded.Problems.First(p => p.Kind == ProblemKind.Error).ToString() : SafeFile.Replace(file.RealPath, file.Bytes, Encoding.UTF8.GetBytes(after));
    }

    private void WriteSecret(string file, string text)
    {
        var path = Path.Join(machine.Folder, SecretsFolder, file);
        OwnedFile.CreateFolderOf(path);
        File.Delete(path); // a file that is there keeps its mode
        using var stream = OwnedFile.OpenNew(path, FileMode.CreateNew);
        stream.Write(Encoding.UTF8.GetBytes(text + "\n")); // one line break at the end is not part of it
    }

    private void RemoveSecrets(IEnumerable<string> names)
    {
        var folder = Path.Join(machine.Folder, SecretsFolder);
        foreach (var own in names.Select(n => Path.Join(folder, n)).Where(Directory.Exists))
            Directory.Delete(own, recursive: true);
    }
}
