using System.Globalization;
using System.Text;
using Oktsec.Mcp.Envelope;

namespace Oktsec.Mcp.Tests.Envelope;

public sealed class KeyTrackerTests
{
    [Theory]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(257)]
    [InlineData(100_000)]
    public void TryRead_ManyKeys_FindsTheOneDuplicate(int keys)
    {
        Read.Accepted(Object(keys, last: "last"), EnvelopeLimits.FromBackends);
        foreach (var repeated in (int[])[0, keys / 2, keys - 1])
        {
            var last = "k" + repeated.ToString(CultureInfo.InvariantCulture);
            Assert.Equal(EnvelopeFault.DuplicateKey, Read.Refused(Object(keys, last), EnvelopeLimits.FromBackends).Fault);
        }
    }

    [Fact]
    public void TryRead_ManyEscapedKeys_FindsTheOneDuplicate()
    {
        Read.Accepted(Object(5_000, last: "last", prefix: "\\u006b"), EnvelopeLimits.FromBackends);
        Assert.Equal(EnvelopeFault.DuplicateKey, Read.Refused(Object(5_000, "k77", prefix: "\\u006b"), EnvelopeLimits.FromBackends).Fault);
    }

    [Fact]
    public void TryRead_LargeObjectsInsideLargeObjects_AreToldApart()
    {
        // Each object opens its successor half way, so that tables grow while several objects are open.
        var inner = "0";
        for (var level = 0; level < 6; level++)
        {
            var json = new StringBuilder("{");
            for (var key = 0; key < 300; key++)
                json.Append(CultureInfo.InvariantCulture, $"\"k{key}\":{(key == 150 ? inner : "1")},");
            inner = json.Append("\"end\":1}").ToString();
        }
        Read.Accepted(Message(inner));
        var at = inner.LastIndexOf("\"end\"", StringComparison.Ordinal);
        foreach (var repeated in (string[])["\"k0\"", "\"k150\"", "\"k299\"", "\"k\\u0039\""])
            Assert.Equal(EnvelopeFault.DuplicateKey, Read.Refused(Message(inner[..at] + repeated + inner[(at + 5)..])).Fault);
    }

    [Fact]
    public void TryRead_AfterARefusal_StartsAfresh()
    {
        Read.Refused("{\"a\":{\"jsonrpc\":1,\"id\":1,\"method\":1");
        Read.Accepted("""{"jsonrpc":"2.0","id":1,"method":"a"}""");
    }

    [Theory]
    [InlineData("\"\":1,")] // the same short key
    [InlineData("\"\\u0000\":1,")]
    public void TryRead_OnlyDuplicates_IsReadToTheEnd(string member)
    {
        var json = Message("{" + string.Concat(Enumerable.Repeat(member, 500_000)) + "\"z\":1}");
        Assert.Equal(EnvelopeFault.DuplicateKey, Read.Refused(json, EnvelopeLimits.FromBackends).Fault);
    }

    [Fact]
    public void TryRead_TwoVeryLongEqualKeys_AreFound()
    {
        var key = new string('k', 1_000_001);
        Assert.Equal(EnvelopeFault.DuplicateKey, Read.Refused(Message($$"""{"{{key}}":1,"\u006b{{key[1..]}}":2}""")).Fault);
        Read.Accepted(Message($$"""{"{{key}}":1,"{{key}}k":2,"x{{key}}":3}"""));
    }

    private static byte[] Object(int keys, string last, string prefix = "k")
    {
        var json = new StringBuilder("{");
        for (var key = 0; key < keys; key++)
            json.Append(CultureInfo.InvariantCulture, $"\"{prefix}{key}\":{key},");
        return Message(json.Append(CultureInfo.InvariantCulture, $"\"{last}\":0}}").ToString());
    }

    private static byte[] Message(string parameters) =>
        Encoding.UTF8.GetBytes($$"""{"jsonrpc":"2.0","id":1,"method":"x/y","params":{{parameters}}}""");
}
