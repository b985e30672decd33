namespace Oktsec.Core.Pipeline.Checks;

/// <summary>Denies what is not one unambiguous message: a relay that reads one value while the backend reads another is a bypass.</summary>
internal sealed class MessageCheck : ICheck
{
    public string Name => "message";

    public CheckResult Evaluate(CallContext call) =>
        call.Malformed is null ? CheckResult.Continue : CheckResult.Deny(DenyReason.MessageMalformed, call.Malformed);
}
