using System.Text;
using Oktsec.Clients.Documents;
using Oktsec.Tests.Support;

namespace Oktsec.Tests.Clients;

/// <summary>Any text: a document or a <see cref="DocumentException"/>, in bounded time; and a change that succeeds is exactly that change.</summary>
public sealed class DocumentFuzzTests
{
    private const int Rounds = 3000;

    private static readonly string[] s_pieces =
    [
        "{", "}", "[", "]", ":", ",", "\"", "'", "\\", "\n", "\r\n", " ", "\t", "#", "//", "/*", "*/", "=", ".", "-", "- ", "|", ">", "&a", "*a", "!t", "<<", "?",
        "\"\"\"", "'''", "[[", "]]", "null", "true", "1", "1e9", "\\u00", "\ud83d", "\u0000", "\ufeff", "é", "key", "mcpServers", "\"command\": \"npx\"", "command = \"npx\"", "command: npx", "args", "---", "...",
    ];

    private static readonly (string Extension, string Text)[] s_seeds =
    [
        (".json", "{\n  // c\n  \"mcpServers\": {\n    \"a\": { \"command\": \"npx\", \"args\": [\"-y\", \"p\"], \"env\": {\"K\": \"v\"} },\n    \"b\": { \"url\": \"http://x\", \"headers\": {\"A\": \"B\"} }\n  }\n}\n"),
        (".toml", "m = 1\n[mcp_servers.a]\ncommand = \"npx\"\nargs = [\"-y\", 'p'] # c\n[mcp_servers.a.env]\nK = \"v\"\n[mcp_servers.b]\nurl = \"http://x\"\nhttp_headers = { A = \"B\" }\n"),
        (".yaml", "name: n\nmcpServers:\n  - name: a\n    command: npx\n    args:\n      - -y\n      - p # c\n    env: {K: v}\n  - name: b\n    url: http://x\n"),
    ];

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void AnyText_IsReadOrRefused_AndChangesAreExact(int kind)
    {
        var (extension, seed) = s_seeds[kind];
        var format = DocumentFormat.Of(extension);
        var random = new Random(20261129 + kind);
        var parsed = 0;
        for (var i = 0; i < Rounds; i++)
        {
            var text = Mutate(seed, random);
            Document document;
            try
            {
                document = Document.Parse(format, text);
            }
            catch (DocumentException e)
            {
                Assert.InRange(e.At, 0, text.Length + 1);
                continue;
            }
            parsed++;
            Change(document, random);
        }
        Assert.InRange(parsed, Rounds / 50, Rounds); // else nothing was tried
    }

    // Whatever succeeds was proved by the document itself; what is left to see is that nothing else of the text moved.
    private static void Change(Document document, Random random)
    {
        var paths = new List<string[]>();
        Collect(document.Root, [], paths);
        if (paths.Count == 0)
            return;
        var path = paths[random.Next(paths.Count)];
        try
        {
            var old = document.Find(path)!;
            switch (random.Next(5))
            {
                case 0:
                    AssertOutside(document, document.Set(path, Node.OfText("new \"value\"\\")), old.Start, old.End);
                    break;
                case 1:
                    AssertInserted(document, document.Set([.. path, "added"], Node.OfText("v")), old is MapNode { Members.Count: 0 } ? old : null);
                    break;
                case 2:
                    var key = (document.Find([.. path.SkipLast(1)]) as MapNode)?.Find(path[^1])?.Start ?? old.Start;
                    AssertOutside(document, document.Remove(path), StartOfLine(document.Text, Math.Min(key, old.Start)), EndOfLine(document.Text, old.End));
                    break;
                case 3:
                    AssertInserted(document, document.InsertFirst(path, ["x", "--", "null"]), old is ListNode { Items.Count: 0 } ? old : null);
                    break;
                default:
                    Assert.NotNull(document.Exchange(path, ("one", Node.OfText("1")), ("two", Node.OfList(["a", "b"]))).Find([.. path.SkipLast(1), "two"]));
                    break;
            }
        }
        catch (DocumentException)
        {
            // Refused: nothing was changed.
        }
    }

    private static void AssertOutside(Document before, Document after, int start, int end)
    {
        // Removing a key takes its comma, and the space before it, along.
        var head = before.Text[..start].TrimEnd(' ', '\t', '\r', '\n', ',');
        var tail = before.Text[end..].TrimStart(' ', '\t', '\r', '\n', ',');
        Assert.StartsWith(head, after.Text, StringComparison.Ordinal);
        Assert.EndsWith(tail, after.Text, StringComparison.Ordinal);
    }

    private static void AssertInserted(Document before, Document after, Node? replaced)
    {
        var (a, b, head) = (before.Text, after.Text, 0);
        while (head < a.Length && head < b.Length && a[head] == b[head])
            head++;
        var end = replaced is null ? Math.Min(head, a.Length) : replaced.End;
        var start = replaced is null ? head : replaced.Start;
        Assert.StartsWith(a[..start], b, StringComparison.Ordinal);
        Assert.EndsWith(a[end..], b, StringComparison.Ordinal);
    }

    private static int StartOfLine(string text, int at) => at == 0 ? 0 : text.LastIndexOf('\n', at - 1) + 1;

    private static int EndOfLine(string text, int at) => text.IndexOf('\n', at) is >= 0 and var end ? end : text.Length;

    private static void Collect(Node node, string[] path, List<string[]> paths)
    {
        if (path.Length > 0)
            paths.Add(path);
        if (node is MapNode map)
        {
            foreach (var member in map.Members)
                Collect(member.Value, [.. path, member.Key], paths);
        }
        else if (node is ListNode list)
        {
            for (var i = 0; i < list.Items.Count; i++)
                Collect(list.Items[i], [.. path, i.ToString(System.Globalization.CultureInfo.InvariantCulture)], paths);
        }
    }

    private static string Mutate(string seed, Random random)
    {
        var text = new StringBuilder(seed);
        for (var n = random.Next(4); n > 0; n--)
        {
            var at = random.Next(text.Length + 1);
            if (random.Next(2) == 0 && at < text.Length)
                text.Remove(at, Math.Min(random.Next(1, 9), text.Length - at));
            else
                text.Insert(at, s_pieces[random.Next(s_pieces.Length)]);
        }
        return text.ToString();
    }

    [Theory]
    [InlineData(".json", "[", "")]
    [InlineData(".json", "{\"a\":", "")]
    [InlineData(".json", "/*", "")]
    [InlineData(".json", "\"a\",", "")]
    [InlineData(".toml", "a.", "b=1")]
    [InlineData(".toml", "[a]\n", "")]
    [InlineData(".toml", "a=[", "")]
    [InlineData(".toml", "a={b=", "")]
    [InlineData(".yaml", "[", "")]
    [InlineData(".yaml", "- ", "")]
    [InlineData(".yaml", "a: {", "")]
    public void Nesting_WithoutEnd_IsRefusedInTime(string extension, string piece, string end)
    {
        var text = string.Concat(Enumerable.Repeat(piece, 20_000)) + end;
        var before = ThreadTime.Now;
        Assert.Throws<DocumentException>(() => Document.Parse(DocumentFormat.Of(extension), text));
        Assert.InRange(ThreadTime.Now - before, TimeSpan.Zero, TimeSpan.FromSeconds(20)); // milliseconds; a stack that overflows or time that grows with the square would not come back
    }

    [Theory]
    [InlineData(".json", "\"k{0}\": {{\"command\": \"x\"}},\n", "{\n", "}")]
    [InlineData(".toml", "[mcp_servers.k{0}]\ncommand = \"x\"\n", "", "")]
    public void LargeFile_IsReadInTime(string extension, string line, string start, string end)
    {
        var text = start + string.Concat(Enumerable.Range(0, 50_000).Select(i => string.Format(System.Globalization.CultureInfo.InvariantCulture, line, i))) + end;
        var before = ThreadTime.Now;
        Assert.NotNull(Document.Parse(DocumentFormat.Of(extension), text).Set(["new"], Node.OfText("x")));
        Assert.InRange(ThreadTime.Now - before, TimeSpan.Zero, TimeSpan.FromSeconds(20));
    }
}
