using Oktsec.Core.Pipeline;
using Oktsec.Core.Pipeline.Checks;

namespace Oktsec.Core.Tests.Pipeline.Checks;

public sealed class MethodCheckTests
{
    [Theory]
    [InlineData(true, true, DenyReason.ToolNotAllowed)]
    [InlineData(true, false, DenyReason.None)]
    [InlineData(false, true, DenyReason.None)]
    public void Evaluate_Method_IsDeniedWhenUnknownAndUnwanted(bool denies, bool isUnknown, DenyReason reason)
    {
        var policies = Make.Policies(Make.Config() with { DenyUnknownMethods = denies });
        var call = new CallContext
        {
            Policies = policies,
            Principal = Make.Said("bob"),
            Policy = null,
            Method = "x/unheard",
            IsUnknownMethod = isUnknown,
            Timestamp = 1,
        };

        Assert.Equal(reason, new MethodCheck().Evaluate(call).Reason);
    }
}
