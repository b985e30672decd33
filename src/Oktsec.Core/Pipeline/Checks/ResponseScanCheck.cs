namespace Oktsec.Core.Pipeline.Checks;

/// <summary>Scans what came back, unless the operator switched <c>scan_responses</c> off.</summary>
/// <remarks>That key is about answers: what a server asks of the agent (sampling, elicitation) is scanned always.</remarks>
internal sealed class ResponseScanCheck(ICheck contentScan) : ICheck
{
    public string Name => "response_scan";

    public CheckResult Evaluate(CallContext call) =>
        call.Policies.Config.Gateway.ScanResponses || call.IsRequest ? contentScan.Evaluate(call) : CheckResult.Continue;
}
