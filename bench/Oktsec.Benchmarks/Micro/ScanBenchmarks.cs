using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using Oktsec.Benchmarks.Scanning;
using Oktsec.Scanning;
using Oktsec.Scanning.Rules;

namespace Oktsec.Benchmarks.Micro;

/// <summary>
/// Scanning one clean message by all rules, as the gateway does for arguments and results; and, as a ratio to it, a loop of compiled regexes over the same
/// patterns and views.
/// </summary>
[MemoryDiagnoser]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByCategory)]
[CategoriesColumn]
public class ScanBenchmarks
{
    private readonly ContentScanner _scanner = new(RuleSet.BuiltIn());
    private readonly RegexLoop _loop = new(RuleSet.BuiltIn());
    private readonly byte[] _call1K = Messages.Call(1_000);
    private readonly byte[] _call100K = Messages.Call(95_000);
    private readonly byte[] _rows100K = Messages.Rows(100_000);
    private readonly byte[] _result1K = Messages.Result(1_000);
    private readonly byte[] _result100K = Messages.Result(100_000);
    private readonly byte[] _result1M = Messages.Result(1_000_000);
    private readonly (string, string) _callViews1K;
    private readonly (string, string) _resultViews100K;
    private readonly (string, string) _resultViews1M;

    public ScanBenchmarks()
    {
        _callViews1K = RegexLoop.Views(_call1K);
        _resultViews100K = RegexLoop.Views(_result100K);
        _resultViews1M = RegexLoop.Views(_result1M);
    }

    [Benchmark(Baseline = true), BenchmarkCategory("arguments 1 KB")]
    public ScanResult Call1K() => Scan(_call1K, Place.Arguments);

    [Benchmark, BenchmarkCategory("arguments 1 KB")]
    public int Call1KByRegexes() => _loop.Run(Place.Arguments, _callViews1K);

    [Benchmark, BenchmarkCategory("arguments 100 KB")]
    public ScanResult Call100K() => Scan(_call100K, Place.Arguments);

    [Benchmark, BenchmarkCategory("result 1 KB")]
    public ScanResult Result1K() => Scan(_result1K, Place.Result);

    [Benchmark, BenchmarkCategory("rows 100 KB")]
    public ScanResult Rows100K() => Scan(_rows100K, Place.Result);

    [Benchmark(Baseline = true), BenchmarkCategory("result 100 KB")]
    public ScanResult Result100K() => Scan(_result100K, Place.Result);

    [Benchmark, BenchmarkCategory("result 100 KB")]
    public int Result100KByRegexes() => _loop.Run(Place.Result, _resultViews100K);

    [Benchmark(Baseline = true), BenchmarkCategory("result 1 MB")]
    public ScanResult Result1M() => Scan(_result1M, Place.Result);

    [Benchmark, BenchmarkCategory("result 1 MB")]
    public int Result1MByRegexes() => _loop.Run(Place.Result, _resultViews1M);

    private ScanResult Scan(byte[] json, Place place)
    {
        var result = _scanner.ScanJson(json, place, ScanHints.None);
        return result.IsClean ? result : throw new InvalidDataException($"{result.Findings[0].RuleId} found in a clean message");
    }
}
