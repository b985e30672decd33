using Oktsec.Core.Pipeline;

namespace Oktsec.Gateway;

/// <summary>Decisions that no check makes: the call was allowed and something else stopped it.</summary>
internal static class Failure
{
    public static Decision Of(DenyReason reason, string detail, int retryAfterSeconds = 0) =>
        new(CheckResult.Deny(reason, detail, retryAfterSeconds), "", [], isObserved: false, leases: null);
}
