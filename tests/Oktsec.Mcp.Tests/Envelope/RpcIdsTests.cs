using System.Text;
using Oktsec.Mcp.Envelope;

namespace Oktsec.Mcp.Tests.Envelope;

public sealed class RpcIdsTests
{
    [Theory]
    [InlineData("1", "1", true)]
    [InlineData("1", "2", false)]
    [InlineData("1", "\"1\"", false)]
    [InlineData("\"ab\"", "\"a\\u0062\"", true)]
    [InlineData("\"\\/\"", "\"/\"", true)]
    [InlineData("\"a\"", "\"A\"", false)]
    [InlineData("9007199254740993", "9007199254740992", false)]
    [InlineData("-0", "0", true)]
    [InlineData("-0", "\"-0\"", false)]
    [InlineData("-1", "1", false)]
    public void AreSame_TwoTokens_ComparesWhatTheyMean(string one, string other, bool same)
    {
        var (a, b) = (Encoding.UTF8.GetBytes(one), Encoding.UTF8.GetBytes(other));

        Assert.Equal(same, RpcIds.AreSame(a, b));
        Assert.Equal(same, RpcIds.Key(a) == RpcIds.Key(b));
    }

    [Theory]
    [InlineData("\"7\"", "7")]
    [InlineData("\"-7\"", "-7")]
    [InlineData("7", "7")]
    [InlineData("\"\"", "\"\"")]
    [InlineData("\"", "\"")]
    [InlineData("\"07\"", "\"07\"")]
    [InlineData("\"+7\"", "\"+7\"")]
    [InlineData("\" 7\"", "\" 7\"")]
    [InlineData("\"7.0\"", "\"7.0\"")]
    [InlineData("\"\\u0037\"", "\"\\u0037\"")]
    [InlineData("\"9223372036854775808\"", "\"9223372036854775808\"")]
    public void Unquoted_IntegerInQuotes_LosesThem(string token, string unquoted) =>
        Assert.Equal(unquoted, Encoding.UTF8.GetString(RpcIds.Unquoted(Encoding.UTF8.GetBytes(token))));

    [Theory]
    [InlineData(0)]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    public void TryGetNumber_OwnToken_RoundTrips(long number)
    {
        Assert.True(RpcIds.TryGetNumber(RpcIds.Of(number), out var read));
        Assert.Equal(number, read);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\"1\"")]
    [InlineData("1x")]
    [InlineData("9223372036854775808")]
    public void TryGetNumber_Other_IsFalse(string token) =>
        Assert.False(RpcIds.TryGetNumber(Encoding.UTF8.GetBytes(token), out _));
}
