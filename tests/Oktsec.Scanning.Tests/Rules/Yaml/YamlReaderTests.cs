using System.Text;
using Oktsec.Scanning.Rules;
using Oktsec.Scanning.Rules.Yaml;
using YamlDotNet.RepresentationModel;

namespace Oktsec.Scanning.Tests.Rules.Yaml;

/// <summary>The reader gives what a general YAML library gives, for all that it accepts.</summary>
public sealed class YamlReaderTests
{
    public static TheoryData<string> Files => [.. RuleSet.EmbeddedFiles().Select(file => file.Name)];

    [Theory]
    [MemberData(nameof(Files))]
    public void Read_OurFiles_AgreesWithYamlDotNet(string name) => Compare(RuleSet.EmbeddedFiles().First(file => file.Name == name).Text);

    [Theory]
    [InlineData("a: 1\nb: two words # comment\nc: 'it''s'\nd: \"x\\ty\\u0041\\\\\"\n")]
    [InlineData("# first\n\n---\nid: A\n---\nid: B\n...\n---\nid: C\n")]
    [InlineData("a:\n- 1\n- 2\nb:\n  - x: 1\n    y: 2\n  - z\n")]
    [InlineData("- - a\n  - b\n-\n  - c\n- d: 1\n  e:\n    - f\n")]
    [InlineData("a: |\n  one\n   two\n\n  three\nb: |-\n  x\nc: |+\n  y\n\n\nd: >\n  one\n  two\n\n  three\n   deeper\n  four\n")]
    [InlineData("a: >-\n  folded\n  text\nb: |2\n   indented\n  less\n")]
    [InlineData("a: [x, 'y, z', \"q\", [1, 2], {k: v, l: [m]}]\nb: {}\nc: []\nd: [\n  one,\n  two, # why\n]\n")]
    [InlineData("a: plain text\n  goes on\n  here\nb: 'quoted\n  goes on\n\n  here'\nc: \"double\n  goes \\\n  on\"\n")]
    [InlineData("key with spaces: v\n'quoted key': v\n\"double: key\": v\nurl: http://x.example/#frag\ntime: 12:30\n")]
    [InlineData("a:\nb: ~\nc: null\nd:    \n\ne: x\n")]
    [InlineData("value: '(?i)\\b(?:a|b)[^\\x00-\\x1f]{0,20}\"'\nother: a:b#c\n")]
    [InlineData("patterns:\n  - type: regex\n    value: \"a\\\\.b\"\n  - type: contains\n    value: c\nexamples:\n  true_positive:\n    - |\n      line 1\n      line 2\n    - \"x\"\n")]
    [InlineData("a: 1\r\nb: |\r\n  x\r\n  y\r\n")]
    public void Read_WhatRuleFilesUse_AgreesWithYamlDotNet(string text) => Compare(text);

    [Theory]
    [InlineData("a: &x 1\nb: *x\n", 1, "anchors")]
    [InlineData("a:\n  b: 1\n c: 2\n", 3, "indentation")]
    [InlineData("a: 1\na: 2\n", 2, "second time")]
    [InlineData("a: [1, 2\n", 2, "missing")]
    [InlineData("a: 'open\n", 1, "quote")]
    [InlineData("\ta: 1\n", 1, "tab")]
    [InlineData("a: x: y\n", 1, "quotes")]
    public void Read_WhatItDoesNotAccept_SaysWhereAndWhy(string text, int line, string part)
    {
        var fault = Assert.Throws<YamlException>(() => YamlReader.Read(text));
        Assert.Contains(part, fault.Message);
        Assert.Equal(line, fault.Line);
    }

    [Fact]
    public void Read_AnyText_EndsWithNodesOrAFault()
    {
        string[] pieces = ["a", ":", " ", "\n", "- ", "  ", "'", "\"", "[", "]", "{", "}", ",", "|", ">", "#", "---\n", "\\", "é", "&", "?", "\t", "key: ", "\r"];
        var random = new Random(5);
        for (var i = 0; i < 20_000; i++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(1, 25)).Select(_ => pieces[random.Next(pieces.Length)]));
            try
            {
                YamlReader.Read(text);
            }
            catch (YamlException)
            {
                // The other ending.
            }
        }
        Assert.Throws<YamlException>(() => YamlReader.Read(new string('[', 100_000)));
        Assert.Throws<YamlException>(() => YamlReader.Read(string.Concat(Enumerable.Repeat("- ", 100_000))));
    }

    private static void Compare(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        var expected = string.Join("\n---\n", stream.Documents.Select(document => Write(document.RootNode)));
        Assert.Equal(expected, string.Join("\n---\n", YamlReader.Read(text).Select(Write)));
    }

    private static string Write(YamlDotNet.RepresentationModel.YamlNode node) => node switch
    {
        YamlMappingNode map => "{" + string.Join(", ", map.Children.Select(pair => $"{Write(pair.Key)}: {Write(pair.Value)}")) + "}",
        YamlSequenceNode list => "[" + string.Join(", ", list.Children.Select(Write)) + "]",
        YamlScalarNode scalar => $"<{scalar.Value}>",
        _ => "?",
    };

    private static string Write(Oktsec.Scanning.Rules.Yaml.YamlNode node) => node switch
    {
        YamlMap map => "{" + string.Join(", ", map.Keys.Select((key, i) => $"{Write(key)}: {Write(map.Values[i])}")) + "}",
        YamlList list => "[" + string.Join(", ", list.Items.Select(Write)) + "]",
        YamlText scalar => $"<{scalar.Value}>",
        _ => "?",
    };
}
