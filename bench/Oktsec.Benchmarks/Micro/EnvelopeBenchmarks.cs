using BenchmarkDotNet.Attributes;
using Oktsec.Mcp.Envelope;

namespace Oktsec.Benchmarks.Micro;

/// <summary>Reading one message: strictness included.</summary>
[MemoryDiagnoser]
public class EnvelopeBenchmarks
{
    private readonly byte[] _call1K = Messages.Call(1_000);
    private readonly byte[] _call100K = Messages.Call(95_000);
    private readonly byte[] _result1M = Messages.Result(1_000_000);
    private readonly byte[] _rows100K = Messages.Rows(100_000);

    [Benchmark]
    public bool Call1K() => Read(_call1K);

    [Benchmark]
    public bool Call100K() => Read(_call100K);

    [Benchmark]
    public bool Rows100K() => Read(_rows100K);

    [Benchmark]
    public bool Result1M() => Read(_result1M);

    private static bool Read(byte[] bytes) =>
        EnvelopeReader.TryRead(bytes, EnvelopeLimits.FromBackends, out _, out _) ? true : throw new InvalidDataException("refused");
}
