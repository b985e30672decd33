using Oktsec.Core.Pipeline;
using Oktsec.Mcp.Backends;

namespace Oktsec.Gateway;

/// <summary>Decisions that no check makes: the call was allowed and something else stopped it.</summary>
internal static class Failure
{
    public static Decision Of(DenyReason reason, string detail, int retryAfterSeconds = 0, bool isObserved = false) =>
        new(CheckResult.Deny(reason, detail, retryAfterSeconds), "", [], isObserved, leases: null);

    public const string Cancelled = "cancelled by the agent";

    /// <summary>A backend answered with what cannot be passed on.</summary>
    public static Decision OfAnswer(BackendSlot slot, string reason) =>
        Of(DenyReason.OutcomeUnknown, $"backend {slot.Name} answered, and {reason}; the call was carried out or not, and there is no result to pass on");

    /// <summary>Why a backend gave no answer; null when <paramref name="e"/> says something else.</summary>
    public static Decision? OfBackend(Exception e, BackendSlot slot) => e switch
    {
        BackendUnavailableException { WasAnswered: true } answered => OfAnswer(slot, answered.Reason),
        BackendUnavailableException { Sent: true } lost =>
            Of(DenyReason.OutcomeUnknown, $"backend {slot.Name} was lost during the call ({lost.Reason}); it may or may not have been carried out"),
        BackendUnavailableException down => Of(DenyReason.BackendUnavailable, $"backend {slot.Name}: {down.Reason}", retryAfterSeconds: 1),
        TimeoutException => Of(DenyReason.OutcomeUnknown, $"backend {slot.Name} gave no answer in {slot.Config.CallTimeout.TotalSeconds:0} s; the call was cancelled"),
        // The agent cancelled it, or the session ended: nobody waits for an answer.
        OperationCanceledException => Of(DenyReason.OutcomeUnknown, Cancelled),
        _ => null,
    };
}
