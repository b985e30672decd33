namespace Oktsec.Core.Pipeline;

/// <summary>What a check says: go on, go on holding a lease, or deny.</summary>
public readonly struct CheckResult
{
    private CheckResult(DenyReason reason, string detail, int retryAfterSeconds, IDisposable? lease)
    {
        Reason = reason;
        Detail = detail;
        RetryAfterSeconds = retryAfterSeconds;
        Lease = lease;
    }

    public DenyReason Reason { get; }

    /// <summary>One sentence that helps, without content.</summary>
    public string Detail { get; }

    /// <summary>When trying again makes sense, in seconds; 0 when it does not.</summary>
    public int RetryAfterSeconds { get; }

    /// <summary>Something to give back when the message is done.</summary>
    public IDisposable? Lease { get; }

    public bool IsDenied => Reason != DenyReason.None;

    public static CheckResult Continue { get; } = new(DenyReason.None, "", 0, null);

    public static CheckResult ContinueHolding(IDisposable lease) => new(DenyReason.None, "", 0, lease);

    public static CheckResult Deny(DenyReason reason, string detail = "", int retryAfterSeconds = 0) =>
        new(reason, detail, retryAfterSeconds, null);
}
