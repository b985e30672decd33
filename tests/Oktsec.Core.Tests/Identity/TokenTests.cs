using FsCheck;
using FsCheck.Fluent;
using Oktsec.Core.Identity;

namespace Oktsec.Core.Tests.Identity;

public sealed class TokenTests
{
    private static readonly DateTimeOffset s_now = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void New_IsOneOfItsKindAndNeverTwice()
    {
        var (one, two) = (TokenSecret.New(), TokenSecret.New());
        Assert.Matches("^okt_gw_[0-9a-f]{64}$", one);
        Assert.NotEqual(one, two);
        Assert.True(TokenSecret.IsOne(one));
        Assert.Equal(one[7..15], TokenSecret.IdOf(one));
    }

    [Theory]
    [InlineData("")]
    [InlineData("okt_gw_")]
    [InlineData("okt_gw_0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde")] // one digit short
    [InlineData("okt_gw_0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0")]
    [InlineData("okt_gw_0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef")]
    [InlineData("okt_gx_0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")]
    [InlineData("OKT_GW_0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")]
    [InlineData("okt_gw_0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcd\u0660f")]
    public void IsOne_AnythingElse_IsNot(string text) => Assert.False(TokenSecret.IsOne(text));

    [Fact]
    public void Hash_MatchesItsTokenOnlyAndIsSalted()
    {
        var secret = TokenSecret.New();
        var hash = TokenHash.Of(secret);
        Assert.True(hash.Matches(secret));
        Assert.False(hash.Matches(TokenSecret.New()));
        Assert.False(hash.Matches(secret[..^1] + (secret[^1] == '0' ? '1' : '0')));
        Assert.NotEqual(hash.ToString(), TokenHash.Of(secret).ToString());
        Assert.True(TokenHash.Parse(hash.ToString())!.Matches(secret));
        Assert.DoesNotContain(secret[7..], hash.ToString());
        Assert.False(TokenHash.None.Matches(secret));
    }

    // FIPS 180-2, appendix B.1: SHA-256 of "abc"; here a one-byte salt "a" and the text "bc".
    [Fact]
    public void Hash_IsSha256OverSaltAndToken() =>
        Assert.True(TokenHash.Parse("sha256:61:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")!.Matches("bc"));

    [Theory]
    [InlineData("")]
    [InlineData("sha256:61")]
    [InlineData("sha256::ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    [InlineData("sha256:6:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    [InlineData("sha256:61:ba78")]
    [InlineData("sha1:61:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    [InlineData("sha256:61:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad:00")]
    [InlineData("sha256:zz:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    public void Parse_NoHash_IsNone(string text) => Assert.Null(TokenHash.Parse(text));

    [Fact]
    public void Parse_AnyText_NeverThrows() =>
        Prop.ForAll(ArbMap.Default.ArbFor<string>(), text => TokenHash.Parse("sha256:" + text)?.Matches("x") != true && !TokenSecret.IsOne(text ?? "")).Check(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(1000));

    [Fact]
    public void State_IsActiveUntilItsEnd()
    {
        var token = new AgentToken("1", "bob", TokenHash.None, s_now, Expires: s_now.AddDays(1));
        Assert.Equal(("active", "expired"), (token.StateAt(s_now), token.StateAt(s_now.AddDays(1))));
        Assert.False(token.IsActiveAt(s_now.AddDays(1)));
        Assert.Equal("revoked", (token with { Revoked = s_now }).StateAt(s_now));
        Assert.False((token with { Revoked = s_now.AddDays(9) }).IsActiveAt(s_now)); // written at all, it is over
        Assert.True((token with { Expires = null }).IsActiveAt(DateTimeOffset.MaxValue));
    }
}
