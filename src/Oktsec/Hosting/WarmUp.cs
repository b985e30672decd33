using Oktsec.Core.Configuration;
using Oktsec.Core.Identity;
using Oktsec.Core.Pipeline;
using Oktsec.Core.Policy;
using Oktsec.Mcp.Envelope;
using Oktsec.Scanning;

namespace Oktsec.Hosting;

/// <summary>Judges a few harmless messages once the gateway listens, so that compiling the checks is not the first agent's wait.</summary>
/// <remarks>Counters are its own and nothing is recorded. Measured: the first call took 67 to 100 ms in the pipeline without it.</remarks>
internal static class WarmUp
{
    /// <summary>Enough to reach every check and view once; more would only take processor time from the first agent.</summary>
    private const int Rounds = 3;

    private static readonly byte[] s_sample =
        """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"read","arguments":{"path":"src/été/main.c","note":"aGVsbG8gd29ybGQgaGVsbG8=","n":1}}}"""u8.ToArray();

    public static void Run(PolicySnapshot policies, TimeProvider time)
    {
        var state = new PipelineState(time);
        (Place Place, SecurityPipeline Pipeline)[] lists =
        [
            (Place.Arguments, new SecurityPipeline(PipelineOrder.Request(state), time)),
            (Place.Result, new SecurityPipeline(PipelineOrder.Response(state), time)),
            (Place.Definition, new SecurityPipeline(PipelineOrder.Definition(state), time)),
        ];
        for (var round = 0; round < Rounds; round++)
        {
            EnvelopeReader.TryRead(s_sample, EnvelopeLimits.FromAgents, out _, out _);
            foreach (var (place, pipeline) in lists)
                pipeline.Evaluate(Call(policies, place, time)).Dispose();
        }
    }

    private static CallContext Call(PolicySnapshot policies, Place place, TimeProvider time) => new()
    {
        Policies = policies,
        Principal = Principal.Anonymous,
        Policy = new AgentPolicy(new AgentConfig { Name = Principal.AnonymousName }, isNamed: false, backends: []),
        Method = Methods.ToolsCall,
        Target = new Target(TargetKind.Tool, "read", "warm-up", "read", true),
        Content = s_sample,
        Place = place,
        Timestamp = time.GetTimestamp(),
    };
}
