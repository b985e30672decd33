using System.Text;
using Oktsec.Mcp.Envelope;

namespace Oktsec.Mcp.Tests.Envelope;

public sealed class JsonMembersTests
{
    [Theory]
    [InlineData("""{"a":1,"b":{"c":2},"d":3}""", "d", "3")]
    [InlineData("""{"a":{"d":1}, "d" : [ 1, 2 ] }""", "d", "[ 1, 2 ]")]
    [InlineData("""{"\u0064":"x"}""", "d", "\"x\"")]
    [InlineData("""{"a":{"d":1}}""", "d", "")]
    [InlineData("""[{"d":1}]""", "d", "")]
    [InlineData("1", "d", "")]
    [InlineData("", "d", "")]
    public void Find_Member_IsItsRawValue(string json, string member, string value)
    {
        var bytes = Encoding.UTF8.GetBytes(json);
        var range = JsonMembers.Find(bytes, Encoding.UTF8.GetBytes(member));
        Assert.Equal(value, Encoding.UTF8.GetString(bytes, range.Start, range.Length));
    }

    [Theory]
    [InlineData("a/b", """{"a\/b":1}""")]
    [InlineData("a/b", """{"a\u002Fb":1}""")]
    [InlineData("a\"b", """{"a\"b":1}""")]
    [InlineData("a\\b", """{"a\\b":1}""")]
    [InlineData("a\nb", """{"a\nb":1}""")]
    [InlineData("a\tb", """{"\u0061\tb":1}""")]
    [InlineData("é", """{"\u00e9":1}""")]
    [InlineData("😀", """{"\uD83D\uDE00":1}""")]
    [InlineData("", """{"":1}""")]
    public void Find_NameSpelledOtherwise_IsFound(string member, string json)
    {
        var bytes = Encoding.UTF8.GetBytes(json);
        var range = JsonMembers.Find(bytes, Encoding.UTF8.GetBytes(member));
        Assert.Equal("1", Encoding.UTF8.GetString(bytes, range.Start, range.Length));
    }

    [Fact]
    public void Find_DeeperThanTheReadersOwnLimit_IsFound()
    {
        // limits.max_depth may allow more than the 64 levels that the JSON reader stops at by itself.
        var bytes = Encoding.UTF8.GetBytes($$"""{"a":{{new string('[', 500)}}{{new string(']', 500)}},"tools":[{"name":"x"}],"d":"y"}""");
        Assert.Equal("y", JsonMembers.Text(bytes, "d"u8));
        Assert.Single(ListResult.Read(bytes, "tools", "name", out _).Items);
    }

    [Theory]
    [InlineData("""{"d":"\u0061\/"}""", "a/")]
    [InlineData("""{"d":1}""", null)]
    [InlineData("{}", null)]
    [InlineData("", null)]
    public void Text_Member_IsDecoded(string json, string? text) => Assert.Equal(text, JsonMembers.Text(Encoding.UTF8.GetBytes(json), "d"u8));
}
