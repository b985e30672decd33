using Oktsec.Core.Pipeline;
using Oktsec.Core.Pipeline.Checks;

namespace Oktsec.Core.Tests.Pipeline.Checks;

public sealed class OriginCheckTests
{
    [Theory]
    [InlineData(true, true, "")]
    [InlineData(false, true, "gateway.allowed_origins")]
    [InlineData(true, false, "gateway.allowed_hosts")]
    [InlineData(false, false, "gateway.allowed_hosts")]
    public void Evaluate_OriginAndHost_BothMustBeOurs(bool isOriginAllowed, bool isHostAllowed, string key)
    {
        var result = new OriginCheck().Evaluate(Make.Call(http: new HttpFacts("http://a.example", isOriginAllowed, "b.example", isHostAllowed)));

        Assert.Equal(key.Length > 0 ? DenyReason.OriginDenied : DenyReason.None, result.Reason);
        Assert.Contains(key, result.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Evaluate_DoorWithoutHttp_Continues() => Assert.False(new OriginCheck().Evaluate(Make.Call(http: null)).IsDenied);

    [Fact]
    public void Evaluate_WithoutPolicy_StillDenies() =>
        Assert.Equal(DenyReason.OriginDenied, new OriginCheck().Evaluate(Make.Call(http: new HttpFacts("", true, "x", false), hasPolicy: false)).Reason);
}
