using System.Text;
using Oktsec.Core.Configuration.Yaml;

namespace Oktsec.Core.Tests.Configuration.Yaml;

public sealed class YamlTreeReaderTests
{
    [Theory]
    [InlineData("gateway:\n\tport: 1", "indent with spaces, not with tabs", 2)]
    [InlineData("agents: {bob: {description: reads: files}}", "in quotes", 1)]
    [InlineData("agents:\n  bob:\n    allowed_tools: [*]", "put a pattern that starts with * in quotes", 3)]
    [InlineData("agents:\n  bob:\n    allowed_tools:\n      - *_read", "no anchor &_read stands before this alias", 4)]
    [InlineData("a: \"unclosed\nb: 1\n", "not valid YAML", 1)]
    [InlineData("gateway: [", "not valid YAML", 1)]
    [InlineData("  a: 1\n b: 2", "not valid YAML", 2)]
    [InlineData("a: 1\n---\nb: 2", "one file is one document", 2)]
    [InlineData("a: !!binary eA==", "tags (!, !!) are not read", 1)]
    [InlineData("a: !custom x", "tags (!, !!) are not read", 1)]
    [InlineData("? [a, b]\n: c", "a key must be plain text", 1)]
    [InlineData("a: &x {b: 1}\nc: {<<: *x}", "merge keys (<<) are not read", 2)]
    [InlineData("a: *nothing", "no anchor &nothing stands before this alias", 1)]
    [InlineData("a: &x [*x]", "this alias stands inside the value it refers to", 1)]
    public void Read_WhatWeDoNotRead_IsOneErrorWithItsLine(string yaml, string says, int line)
    {
        var error = Assert.Single(Sample.Errors(yaml));

        Assert.Contains(says, error.ToString());
        Assert.InRange(error.Line, line, line + 1);
    }

    [Fact]
    public void Read_SyntaxError_DoesNotQuoteTheFile()
    {
        // Messages of a parser may quote what it read; this could be a password.
        foreach (var yaml in new[] { "a: &s3cr3t s3cr3t\nb: 'x' s3cr3t", "s3cr3t: %s3cr3t: [}", "a: \"\\q s3cr3t\"", "a: !s3cr3t!s3cr3t x", "%s3cr3t" })
        {
            var error = Assert.Single(Sample.Errors(yaml));
            Assert.DoesNotContain("s3cr3t", error.Message);
        }
    }

    [Fact]
    public void Read_AliasOfAValue_IsThatValue()
    {
        var config = Sample.Config("agents:\n  a: {allowed_tools: &tools [x, y]}\n  b: {allowed_tools: *tools}");

        Assert.Equal(["x", "y"], config.Agents["b"].AllowedTools);
    }

    [Fact]
    public void Read_NestedAliases_StopLongBeforeTheyExplode()
    {
        // "Billion laughs": 10^9 values from 300 bytes.
        var yaml = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (var i = 1; i < 10; i++)
            yaml.Append($"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 10))}]\n");

        Assert.Contains("more than 100000 values", Assert.Single(Sample.Errors(yaml.ToString())).Message);
    }

    [Fact]
    public void Read_AliasThatDeepensTheTree_CountsItsLevels()
    {
        var yaml = new StringBuilder("a0: &a0 [x]\n");
        for (var i = 1; i < 40; i++)
            yaml.Append($"a{i}: &a{i} [*a{i - 1}]\n");

        Assert.Contains("levels deep", Assert.Single(Sample.Errors(yaml.ToString())).Message);
    }

    [Theory]
    [InlineData(31, false)]
    [InlineData(32, true)]
    [InlineData(100_000, true)]
    public void Read_Depth_IsLimited(int depth, bool tooDeep)
    {
        var errors = Sample.Errors("llm: " + new string('[', depth) + new string(']', depth));

        Assert.Equal(tooDeep, errors.Any(e => e.Message.Contains("levels deep")));
    }

    [Fact]
    public void Read_ManyProblems_StopsCountingAndSaysSo()
    {
        var errors = Sample.Errors(string.Concat(Enumerable.Range(0, 5000).Select(i => $"k{i}: 1\n")));

        Assert.Equal(501, errors.Count);
        Assert.Contains(errors, e => e.Message == "more than 500 problems");
    }

    [Fact]
    public void Read_KeysThatWouldSteerATerminal_AreEscaped()
    {
        var error = Assert.Single(Sample.Errors("\"a\\e[31m\\u202eb\": 1"));

        Assert.Equal("[\"a\\u001b[31m\\u202eb\"]", error.Path);
    }

    [Fact]
    public void Kinds_OfNull_AreThoseOfYaml()
    {
        Assert.All(new[] { "", "~", "null", "Null", "NULL" }, text => Assert.True(new YamlText(default, text, plain: true).IsNull));
        Assert.False(new YamlText(default, "", plain: false).IsNull);
        Assert.False(new YamlText(default, "nULL", plain: true).IsNull);
    }
}
