using Oktsec.Core.Audit;
using Oktsec.Core.Pipeline;

namespace Oktsec.Gateway;

/// <summary>For a gateway that tells nobody.</summary>
internal sealed class SilentListener : IRecordListener
{
    public void OnEntry(AuditEntry entry, Decision decision)
    {
    }

    public void OnOutcome(AuditEntry entry, AuditOutcome outcome, Decision? decision)
    {
    }

    public void OnAuditFailed(string reason)
    {
    }

    public void OnBackendDown(string backend, string reason)
    {
    }
}
