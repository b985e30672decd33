using System.Globalization;
using Oktsec.Clients.Documents;

namespace Oktsec.Clients.Servers;

/// <summary>Lets a client ask <c>oktsec hook</c> before and after each of its tools, and takes that back. Other hooks stay as they are.</summary>
internal static class HookRewrite
{
    private const string Hooks = "hooks"; // the map of events, and in it the list of commands for one kind of tool
    private const string Command = "command";

    /// <summary>Every event of the place asks with this command, once.</summary>
    /// <exception cref="DocumentException">The file is written in a way that cannot be changed safely.</exception>
    public static Document Wrap(Document document, HookPlace place, string command)
    {
        if (place.Version is { } version && document.Find("version") is null)
            document = document.Set(["version"], Node.OfWord(version));
        foreach (var name in place.Events)
        {
            var entry = place.EveryTool is { } tools
                ? Node.OfMap([("matcher", Node.OfText(tools)), (Hooks, new ListNode(0, 0, [Node.OfMap([("type", Node.OfText(Command)), (Command, Node.OfText(command))])]))])
                : Node.OfMap([(Command, Node.OfText(command))]);
            var ours = Ours(document).Where(o => o.List[1] == name).ToArray();
            if (ours is [var one] && document.Find(one.Entry)?.Canonical() == entry.Canonical())
                continue;
            document = Remove(document, ours);
            document = document.Find(Hooks) is null ? document.Set([Hooks], Node.OfMap([(name, new ListNode(0, 0, [entry]))]))
                : document.Find(Hooks, name) is null ? document.Set([Hooks, name], new ListNode(0, 0, [entry]))
                : document.InsertFirst([Hooks, name], [entry]);
        }
        return document;
    }

    /// <summary>The file without our commands, and without the lists that held nothing else.</summary>
    public static Document Unwrap(Document document)
    {
        var ours = Ours(document).ToArray();
        if (ours.Length == 0)
            return document;
        document = Remove(document, ours);
        foreach (var name in ours.Select(o => o.List[1]).Distinct())
        {
            if (document.Find(Hooks, name) is ListNode { Items.Count: 0 })
                document = document.Remove([Hooks, name]);
        }
        return document.Find(Hooks) is MapNode { Members.Count: 0 } ? document.Remove([Hooks]) : document;
    }

    public static bool IsWrapped(Document document) => Ours(document).Any();

    /// <summary>Our commands, with the event each is asked at.</summary>
    public static IReadOnlyList<(string Event, string Command)> Commands(Document document) =>
        [.. Ours(document).Select(o => (o.List[1], CommandOf(document.Find(o.Entry)!)))];

    private static string CommandOf(Node entry) => entry is MapNode map && map.TextOf(Command) is { } command ? command
        : (((MapNode)entry)[Hooks] as ListNode)?.Items.OfType<MapNode>().Select(m => m.TextOf(Command)).FirstOrDefault(c => c is not null && HookCommandLine.IsOurs(c)) ?? "";

    // Last first, so that the places of the others stay.
    private static Document Remove(Document document, IEnumerable<(string[] Entry, string[] List, int Index)> ours) =>
        ours.Reverse().Aggregate(document, (changed, one) => changed.RemoveItem(one.List, one.Index));

    /// <summary>Our commands: the entry each makes up alone, or the command itself among others of its entry; and the list it stands in.</summary>
    private static IEnumerable<(string[] Entry, string[] List, int Index)> Ours(Document document)
    {
        foreach (var name in (document.Find(Hooks) as MapNode)?.Members.Select(m => m.Key).Distinct() ?? [])
        {
            string[] list = [Hooks, name];
            var entries = (document.Find(list) as ListNode)?.Items ?? [];
            for (var i = 0; i < entries.Count; i++)
            {
                string[] entry = [.. list, Number(i)], inner = [.. entry, Hooks];
                var commands = (document.Find(inner) as ListNode)?.Items ?? [];
                if (IsOurs(entries[i]) || (commands.Count == 1 && IsOurs(commands[0])))
                {
                    yield return (entry, list, i);
                    continue;
                }
                for (var j = 0; j < commands.Count; j++)
                {
                    if (IsOurs(commands[j]))
                        yield return ([.. inner, Number(j)], inner, j);
                }
            }
        }
    }

    private static bool IsOurs(Node entry) => entry is MapNode map && map.TextOf(Command) is { } command && HookCommandLine.IsOurs(command);

    private static string Number(int i) => i.ToString(CultureInfo.InvariantCulture);
}
