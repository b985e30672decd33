using Oktsec.Core.Audit;
using Oktsec.Scanning;

namespace Oktsec.Core.Pipeline;

/// <summary>What the pipeline concluded. The only thing a door may act on.</summary>
public sealed class Decision : IDisposable
{
    private readonly List<IDisposable>? _leases;
    private int _released;

    internal Decision(
        CheckResult denial, string check, IReadOnlyList<JudgedFinding> findings, bool isObserved, List<IDisposable>? leases,
        ReadOnlyMemory<byte> content = default)
    {
        Reason = denial.Reason;
        Detail = denial.Detail ?? "";
        RetryAfterSeconds = denial.RetryAfterSeconds;
        Check = check;
        Findings = findings;
        IsObserved = isObserved;
        _leases = leases;
        Verdict = Verdicts.Of(findings);
        Edits = IsAllowed && !isObserved ? ContentEdits.From(findings, content.Span) : [];
    }

    /// <summary>Why it is, or in observe mode would be, stopped; <see cref="DenyReason.None"/> when nothing stands against it.</summary>
    public DenyReason Reason { get; }

    /// <summary>The check that denied; empty otherwise.</summary>
    public string Check { get; }

    public string Detail { get; }

    public int RetryAfterSeconds { get; }

    public Verdict Verdict { get; }

    public IReadOnlyList<JudgedFinding> Findings { get; }

    /// <summary>Observe mode: the message is delivered unchanged and the record says what enforce would have done.</summary>
    public bool IsObserved { get; }

    /// <summary>Whether the door may go on.</summary>
    public bool IsAllowed => Reason == DenyReason.None || IsObserved;

    /// <summary>Redactions and removals to apply before going on, sorted and disjoint; offsets in the scanned content.</summary>
    public IReadOnlyList<ContentEdit> Edits { get; }

    /// <summary>The decision word of the record.</summary>
    public string Word =>
        Reason != DenyReason.None ? (IsObserved ? DenyReasons.WouldBlock : "") + DenyReasons.Row(Reason).Word
        : Edits.Count > 0 ? DenyReasons.Redacted
        : Verdict >= Verdict.Flag ? DenyReasons.Flagged
        : DenyReasons.Allow;

    public AuditStatus Status => IsAllowed ? AuditStatus.Delivered : DenyReasons.Row(Reason).Status;

    /// <summary>The findings as records keep them: masked, with the severity and action that applied.</summary>
    public IReadOnlyList<Finding> RecordedFindings
    {
        get
        {
            if (Findings.Count == 0)
                return [];
            var list = new Finding[Findings.Count];
            for (var i = 0; i < list.Length; i++)
                list[i] = Findings[i].Finding with { Severity = Findings[i].Severity, Action = Findings[i].Action };
            return list;
        }
    }

    /// <summary>Gives leases back; safe to call twice.</summary>
    public void Dispose()
    {
        if (_leases is null || Interlocked.Exchange(ref _released, 1) != 0)
            return;
        foreach (var lease in _leases)
            lease.Dispose();
    }
}
