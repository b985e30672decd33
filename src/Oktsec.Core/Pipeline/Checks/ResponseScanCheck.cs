namespace Oktsec.Core.Pipeline.Checks;

/// <summary>Scans what came back, unless the operator switched <c>scan_responses</c> off.</summary>
internal sealed class ResponseScanCheck(ICheck contentScan) : ICheck
{
    public string Name => "response_scan";

    public CheckResult Evaluate(CallContext call) =>
        call.Policies.Config.Gateway.ScanResponses ? contentScan.Evaluate(call) : CheckResult.Continue;
}
