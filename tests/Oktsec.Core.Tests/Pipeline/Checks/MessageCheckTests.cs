using Oktsec.Core.Pipeline;
using Oktsec.Core.Pipeline.Checks;

namespace Oktsec.Core.Tests.Pipeline.Checks;

public sealed class MessageCheckTests
{
    [Fact]
    public void Evaluate_ReadableMessage_Continues() => Assert.False(new MessageCheck().Evaluate(Make.Call()).IsDenied);

    [Theory]
    [InlineData("duplicate key")]
    [InlineData("")]
    public void Evaluate_RefusedByTheReader_DeniesWithTheReason(string why)
    {
        var result = new MessageCheck().Evaluate(Make.Call(malformed: why));

        Assert.Equal((DenyReason.MessageMalformed, why), (result.Reason, result.Detail));
    }

    [Fact]
    public void Evaluate_RefusedWithoutPolicy_Denies() =>
        Assert.Equal(DenyReason.MessageMalformed, new MessageCheck().Evaluate(Make.Call(malformed: "x", hasPolicy: false)).Reason);
}
