using BenchmarkDotNet.Attributes;
using Oktsec.Scanning;
using Oktsec.Scanning.Rules;

namespace Oktsec.Benchmarks.Micro;

/// <summary>Scanning one clean message by all rules, as the gateway does for arguments and results.</summary>
[MemoryDiagnoser]
public class ScanBenchmarks
{
    private readonly ContentScanner _scanner = new(RuleSet.BuiltIn());
    private readonly byte[] _call1K = Messages.Call(1_000);
    private readonly byte[] _call100K = Messages.Call(95_000);
    private readonly byte[] _rows100K = Messages.Rows(100_000);
    private readonly byte[] _result1K = Messages.Result(1_000);
    private readonly byte[] _result1M = Messages.Result(1_000_000);

    [Benchmark]
    public ScanResult Call1K() => Scan(_call1K, Place.Arguments);

    [Benchmark]
    public ScanResult Call100K() => Scan(_call100K, Place.Arguments);

    [Benchmark]
    public ScanResult Result1K() => Scan(_result1K, Place.Result);

    [Benchmark]
    public ScanResult Rows100K() => Scan(_rows100K, Place.Result);

    [Benchmark]
    public ScanResult Result1M() => Scan(_result1M, Place.Result);

    private ScanResult Scan(byte[] json, Place place)
    {
        var result = _scanner.ScanJson(json, place, ScanHints.None);
        return result.IsClean ? result : throw new InvalidDataException($"{result.Findings[0].RuleId} found in a clean message");
    }
}
