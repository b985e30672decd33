using Oktsec.Clients.Documents;

namespace Oktsec.Tests.Clients;

/// <summary>Each change of a text is that change and no other: the expected texts are written out.</summary>
public sealed class DocumentTests
{
    [Theory]
    [InlineData("{\n  // one\n  \"a\": 1, // two\n}\n", "{\n  // one\n  \"a\": 1,\n  \"k\": \"v\", // two\n}\n")]
    [InlineData("{}", "{\n  \"k\": \"v\"\n}")]
    [InlineData("{\"a\":1}", "{\"a\":1,\"k\":\"v\"}")]
    [InlineData("{ \"a\": 1 }", "{ \"a\": 1, \"k\": \"v\" }")]
    [InlineData("{\r\n\t\"a\" : 1\r\n}\r\n", "{\r\n\t\"a\" : 1,\r\n\t\"k\" : \"v\"\r\n}\r\n")]
    public void Json_KeyAdded_TakesTheLookOfItsSiblings(string text, string expected) => AssertAdded(DocumentFormat.Json, text, expected);

    [Theory]
    [InlineData("a = 1 # one\n\n[t]\nb = 2\n", "a = 1 # one\nk = \"v\"\n\n[t]\nb = 2\n")]
    [InlineData("[t]\nb = 2\n", "k = \"v\"\n[t]\nb = 2\n")]
    [InlineData("", "k = \"v\"\n")]
    [InlineData("a = '''\nx\n'''", "a = '''\nx\n'''\nk = \"v\"")]
    public void Toml_KeyAdded_StandsBeforeTheTables(string text, string expected) => AssertAdded(DocumentFormat.Toml, text, expected);

    [Theory]
    [InlineData("a: 1 # one\nb:\n  c: 2 # two\n", "a: 1 # one\nb:\n  c: 2 # two\nk: v\n")]
    [InlineData("# only a remark", "# only a remark\nk: v\n")]
    [InlineData("{a: 1}\n", "{a: 1, k: v}\n")]
    [InlineData("a: |\n  text\n", "a: |\n  text\nk: v\n")]
    public void Yaml_KeyAdded_StandsBehindTheLast(string text, string expected) => AssertAdded(DocumentFormat.Yaml, text, expected);

    private static void AssertAdded(DocumentFormat format, string text, string expected)
    {
        var added = Document.Parse(format, text).Set(["k"], Node.OfText("v"));
        Assert.Equal(expected, added.Text);
        Assert.Equal("v", ((TextNode)added.Find("k")!).Value);
    }

    [Theory]
    [InlineData(".json", "{\"e\": {\n  \"url\": \"u\", // where\n  \"x\": 1\n}}", "{\"e\": {\n  \"command\": \"c\",\n  \"args\": [\"a\", \"b\"], // where\n  \"x\": 1\n}}")]
    [InlineData(".toml", "[e]\nurl = \"u\" # where\nx = 1\n", "[e]\ncommand = \"c\"\nargs = [\"a\", \"b\"] # where\nx = 1\n")]
    [InlineData(".toml", "e = { url = \"u\", x = 1 }\n", "e = { command = \"c\", args = [\"a\", \"b\"], x = 1 }\n")]
    [InlineData(".toml", "e.url = \"u\"\ne.x = 1\n", "e.command = \"c\"\ne.args = [\"a\", \"b\"]\ne.x = 1\n")]
    [InlineData(".yaml", "e:\n  url: u # where\n  x: 1\n", "e:\n  command: c\n  args: [a, b] # where\n  x: 1\n")]
    public void Exchange_OneKey_BecomesTwoInItsPlace(string extension, string text, string expected)
    {
        var document = Document.Parse(DocumentFormat.Of(extension), text);
        Assert.Equal(expected, document.Exchange(["e", "url"], ("command", Node.OfText("c")), ("args", Node.OfList(["a", "b"]))).Text);
    }

    [Theory]
    [InlineData(".json", "{\"l\": [\n    \"x\", // first\n    \"y\"\n  ]}", "{\"l\": [\n    \"a\",\n    \"-b\",\n    \"x\", // first\n    \"y\"\n  ]}")]
    [InlineData(".json", "{\"l\":[\"x\",\"y\"]}", "{\"l\":[\"a\",\"-b\",\"x\",\"y\"]}")]
    [InlineData(".json", "{\"l\": [ ]}", "{\"l\": [\"a\", \"-b\"]}")]
    [InlineData(".toml", "l = [\n  'x', # first\n]\n", "l = [\n  \"a\",\n  \"-b\",\n  'x', # first\n]\n")]
    [InlineData(".yaml", "l:\n- x # first\n- 'y'\n", "l:\n- a\n- \"-b\"\n- x # first\n- 'y'\n")]
    [InlineData(".yaml", "l:\n  - x\n", "l:\n  - a\n  - \"-b\"\n  - x\n")]
    [InlineData(".yaml", "l: []\n", "l: [a, \"-b\"]\n")]
    [InlineData(".yaml", "n: 1\nl: []", "n: 1\nl: [a, \"-b\"]")]
    [InlineData(".yaml", "l: [x]\n", "l: [a, \"-b\", x]\n")]
    public void InsertFirst_ThenRemoveFirst_GivesTheTextBack(string extension, string text, string expected)
    {
        var document = Document.Parse(DocumentFormat.Of(extension), text);
        var inserted = document.InsertFirst(["l"], ["a", "-b"]);
        Assert.Equal(expected, inserted.Text);
        Assert.Equal(document.Root.Canonical(), inserted.RemoveFirst(["l"], 2).Root.Canonical());
        if (((ListNode)document.Find("l")!).Items.Count > 0)
            Assert.Equal(text, inserted.RemoveFirst(["l"], 2).Text);
    }

    [Theory]
    [InlineData(".json", "{\"m\": {\"a\": 1, \"b\": 2, \"c\": 3}}", "a", "{\"m\": {\"b\": 2, \"c\": 3}}")]
    [InlineData(".json", "{\"m\": {\"a\": 1, \"b\": 2, \"c\": 3}}", "c", "{\"m\": {\"a\": 1, \"b\": 2}}")]
    [InlineData(".json", "{\"m\": {\"a\": 1,}}", "a", "{\"m\": {}}")]
    [InlineData(".json", "{\"m\": {\n  // one\n  \"a\": 1\n}}", "a", "{\"m\": {\n  // one\n  \n}}")]
    [InlineData(".json", "{\"m\": {\n  \"a\": 1, // one\n  \"b\": 2\n}}", "b", "{\"m\": {\n  \"a\": 1 // one\n\n}}")]
    [InlineData(".toml", "[m]\na = 1\n\n[m.b]\nx = 1\n\n# next\n[n]\n", "b", "[m]\na = 1\n\n\n# next\n[n]\n")]
    [InlineData(".toml", "[m]\na = 1\nb = 2", "b", "[m]\na = 1")]
    [InlineData(".yaml", "m:\n  a: 1\n  b:\n    - 1\n  c: 2\n", "b", "m:\n  a: 1\n  c: 2\n")]
    [InlineData(".yaml", "m:\n  - a: 1\n", "0", null)]
    public void Remove_OneKey_LeavesTheOthersAlone(string extension, string text, string key, string? expected)
    {
        var document = Document.Parse(DocumentFormat.Of(extension), text);
        if (expected is null)
            Assert.Throws<DocumentException>(() => document.Remove(["m", key]));
        else
            Assert.Equal(expected, document.Remove(["m", key]).Text);
    }

    [Fact]
    public void Toml_EveryKindOfText_HasItsValue()
    {
        var root = Document.Parse(DocumentFormat.Toml, """"""
            basic = "a\tb\u00e9\\ \U0001F600"
            literal = 'C:\new'
            long = """
            one \
               two
            """
            raw = '''
            it's '''
            quotes = """x"""""
            "quoted key" = 1979-05-27 07:32:00
            dotted . "a.b" = [ 1, [ 'x' ], { y = true } ] # end
            [[list]]
            n = 1
            [[list]]
            n = 2
            """""").Root;
        Assert.Equal("""{"basic":"a\tbé\\ 😀","dotted":{"a.b":[1,["x",],{"y":true,},],},"list":[{"n":1,},{"n":2,},],"literal":"C:\\new","long":"one two\n","quoted key":1979-05-27 07:32:00,"quotes":"x\"\"","raw":"it's ",}""", root.Canonical());
    }

    [Theory]
    [InlineData(".json", "{\"a\": }", 6)]
    [InlineData(".json", "{\"a\": 1} x", 9)]
    [InlineData(".json", "{\"a\": \"x\n\"}", 6)]
    [InlineData(".json", "{a: 1}", 1)]
    [InlineData(".json", "[1, 2", 5)]
    [InlineData(".toml", "a = npx\n", 4)]
    [InlineData(".toml", "a = 1\na = 2\n", 6)]
    [InlineData(".toml", "a = 1 b = 2\n", 6)]
    [InlineData(".toml", "[a]\n[a]\n", 4)]
    [InlineData(".toml", "a = \"x\n", 4)]
    public void Parse_BrokenText_SaysWhere(string extension, string text, int at) =>
        Assert.Equal(at, Assert.Throws<DocumentException>(() => Document.Parse(DocumentFormat.Of(extension), text)).At);

    [Fact]
    public void Find_KeyWrittenTwice_IsRefused()
    {
        var document = Document.Parse(DocumentFormat.Json, """{"mcpServers": {"a": 1}, "mcpServers": {}}""");
        Assert.Throws<DocumentException>(() => document.Find("mcpServers"));
    }
}
