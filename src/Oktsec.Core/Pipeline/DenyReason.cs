namespace Oktsec.Core.Pipeline;

/// <summary>Why a message was stopped. Each has exactly one row in <see cref="DenyReasons"/>.</summary>
public enum DenyReason : byte
{
    None,
    MessageMalformed,
    OriginDenied,
    Unauthenticated,
    AgentUnknown,
    AgentSuspended,
    RateLimited,
    ConcurrencyExceeded,
    ToolNotAllowed,
    ContentBlocked,
    ContentQuarantined,
    CheckFailed,
    AuditUnavailable,
    BackendUnavailable,
    OutcomeUnknown,
}
