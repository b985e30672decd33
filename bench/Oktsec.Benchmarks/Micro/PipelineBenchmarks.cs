using BenchmarkDotNet.Attributes;
using Oktsec.Core.Configuration;
using Oktsec.Core.Identity;
using Oktsec.Core.Pipeline;
using Oktsec.Core.Policy;
using Oktsec.Scanning;
using Oktsec.Scanning.Rules;

namespace Oktsec.Benchmarks.Micro;

/// <summary>All checks of one clean call with 1 KB of arguments, scan included.</summary>
[MemoryDiagnoser]
public class PipelineBenchmarks
{
    private readonly SecurityPipeline _request;
    private readonly SecurityPipeline _response;
    private readonly PolicySnapshot _policies;
    private readonly Principal _principal = new("load", AuthMethod.Header);
    private readonly Target _target = new(TargetKind.Tool, "write_note", "echo", "write_note", true);
    private readonly byte[] _call = Messages.Call(1_000);
    private readonly byte[] _result = Messages.Result(1_000);

    public PipelineBenchmarks()
    {
        var state = new PipelineState(TimeProvider.System);
        _request = new SecurityPipeline(PipelineOrder.Request(state), TimeProvider.System);
        _response = new SecurityPipeline(PipelineOrder.Response(state), TimeProvider.System);
        var config = new OktsecConfig
        {
            Agents = new Dictionary<string, AgentConfig>
            {
                ["load"] = new() { Name = "load", AllowedTools = ["write_note", "read_report"], BlockedContent = ["credential-leak"] },
            },
            // A window of a millisecond: the queue of request times stays as short as in ordinary use.
            RateLimit = new RateLimitConfig { PerAgent = 1_000_000, Window = TimeSpan.FromMilliseconds(1) },
        };
        _policies = new PolicySnapshot(config, new ContentScanner(RuleSet.BuiltIn()), isObserving: false);
    }

    [Benchmark]
    public Verdict Request1K() => Judge(_request, _call, Place.Arguments);

    [Benchmark]
    public Verdict Response1K() => Judge(_response, _result, Place.Result);

    private Verdict Judge(SecurityPipeline pipeline, byte[] content, Place place)
    {
        using var decision = pipeline.Evaluate(new CallContext
        {
            Policies = _policies,
            Principal = _principal,
            Policy = _policies.PolicyOf(_principal),
            Method = "tools/call",
            Target = _target,
            Content = content,
            Place = place,
            Timestamp = TimeProvider.System.GetTimestamp(),
        });
        return decision.IsAllowed ? decision.Verdict : throw new InvalidOperationException(decision.Word);
    }
}
