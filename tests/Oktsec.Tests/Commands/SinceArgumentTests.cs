using Oktsec.Commands;

namespace Oktsec.Tests.Commands;

public sealed class SinceArgumentTests
{
    private static readonly DateTimeOffset s_now = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("90s", "2026-11-20T11:58:30Z")]
    [InlineData("10m", "2026-11-20T11:50:00Z")]
    [InlineData("2h", "2026-11-20T10:00:00Z")]
    [InlineData("3d", "2026-11-17T12:00:00Z")]
    [InlineData("1w", "2026-11-13T12:00:00Z")]
    [InlineData("2026-01-31T14:00Z", "2026-01-31T14:00:00Z")]
    [InlineData("2026-01-31T14:00:00+02:00", "2026-01-31T12:00:00Z")]
    [InlineData("2026-01-31T14:00:00.125Z", "2026-01-31T14:00:00.125Z")]
    public void Parse_Accepted_IsThatTime(string text, string expected) =>
        Assert.Equal(DateTimeOffset.Parse(expected), SinceArgument.Parse(text, s_now));

    [Fact]
    public void Parse_DateAlone_IsLocalMidnight() =>
        Assert.Equal(new DateTimeOffset(new DateTime(2026, 1, 31, 0, 0, 0, DateTimeKind.Local)), SinceArgument.Parse("2026-01-31", s_now));

    [Theory]
    [InlineData("")]
    [InlineData("m")]
    [InlineData("10")]
    [InlineData("-10m")]
    [InlineData("+1h")]
    [InlineData("1.5h")]
    [InlineData("10M")]
    [InlineData("2147483647w")]
    [InlineData("99999999999999999999s")]
    [InlineData("yesterday")]
    [InlineData("2026-13-01")]
    public void Parse_AnythingElse_IsNull(string text) => Assert.Null(SinceArgument.Parse(text, s_now));
}
