using System.Text;
using Oktsec.Scanning.Rules.Import;

namespace Oktsec.Scanning.Tests.Rules.Import;

public sealed class TomlReaderTests
{
    [Fact]
    public void Read_EveryKindOfText_GivesItsText()
    {
        var root = TomlReader.Read("""
            title = "a # b" # comment
            'quoted key' = 1
            a.b."c d" = true
            escapes = "tab\tquote\" back\\slash \u00e9\U0001F600"
            literal = 'C:\dir\d+'
            """ + "\nlong = '''\nfirst \\d\nsecond 'quoted''''\nbasic = \"\"\"one \\\n     two \"\"x\"\"\"\n");
        Assert.Equal("a # b", root.Text("title"));
        Assert.Equal("1", root.Text("quoted key"));
        Assert.Equal("true", root.Tables("a")[0].Tables("b")[0].Text("c d"));
        Assert.Equal("tab\tquote\" back\\slash é😀", root.Text("escapes"));
        Assert.Equal(@"C:\dir\d+", root.Text("literal"));
        Assert.Equal("first \\d\nsecond 'quoted'", root.Text("long"));
        Assert.Equal("one two \"\"x", root.Text("basic"));
    }

    [Fact]
    public void Read_ListsAndTables_NestAsWritten()
    {
        var root = TomlReader.Read("""
            [[rules]]
            id = "one"
            keywords = [
              "a", # first
              'b',
            ]
              [rules.allowlist]
              regexes = ['''x''']
              [[rules.allowlists]]
              stopwords = ["s"]
            [[rules]]
            id = "two"
            inline = { x = 1, y = ["z"] }
            entropy = 3.5
            [extend]
            useDefault = true
            """);
        var rules = root.Tables("rules");
        Assert.Equal(["one", "two"], rules.Select(rule => rule.Text("id")));
        Assert.Equal(["a", "b"], rules[0].Texts("keywords"));
        Assert.Equal(["x"], rules[0].Tables("allowlist")[0].Texts("regexes"));
        Assert.Equal(["s"], rules[0].Tables("allowlists")[0].Texts("stopwords"));
        Assert.Equal(["z"], rules[1].Tables("inline")[0].Texts("y"));
        Assert.Equal("3.5", rules[1].Text("entropy"));
        Assert.Equal("true", root.Tables("extend")[0].Text("useDefault"));
        Assert.Equal((1, 11), (rules[0].Line, rules[1].Line));
    }

    [Theory]
    [InlineData("a", 1, "'=' is missing")]
    [InlineData("\na = ", 2, "a value is missing")]
    [InlineData("a = word", 1, "text needs quotes")]
    [InlineData("a = \"x", 1, "a quote without its end")]
    [InlineData("a = '''x\n\n", 1, "three quotes without their end")]
    [InlineData("a = \"\\d\"", 1, "unknown escape \\d; a pattern goes between '''")]
    [InlineData("a = [1", 1, "a list without ']'")]
    [InlineData("a = {b = 1", 1, "an inline table without '}'")]
    [InlineData("a = 1 2", 1, "after a value")]
    [InlineData("a = 1\na = 2", 2, "stands there twice")]
    [InlineData("a = 1\n[a]\nb = 2", 2, "'a' is no table")]
    [InlineData("[x", 1, "']' is missing")]
    public void Read_Broken_NamesTheLine(string toml, int line, string message)
    {
        var e = Assert.Throws<TomlException>(() => TomlReader.Read(toml));
        Assert.Equal(line, e.Line);
        Assert.Contains(message, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_DeepNesting_IsRefusedAndNotAStackOverflow() =>
        Assert.Contains("too deeply", Assert.Throws<TomlException>(() => TomlReader.Read("a = " + new string('[', 100_000))).Message, StringComparison.Ordinal);

    [Fact]
    public void Read_AnyText_IsReadOrRefused()
    {
        var random = new Random(7);
        const string Pieces = "[]{}='\"\\\n\t #,.ab1-é\ud83d";
        for (var n = 0; n < 20_000; n++)
        {
            var text = new StringBuilder();
            for (var i = random.Next(40); i > 0; i--)
                text.Append(Pieces[random.Next(Pieces.Length)]);
            try
            {
                Assert.NotNull(TomlReader.Read(text.ToString()));
            }
            catch (TomlException e)
            {
                Assert.True(e.Line >= 1);
            }
        }
    }
}
