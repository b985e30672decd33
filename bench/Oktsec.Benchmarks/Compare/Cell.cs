using System.Diagnostics;

namespace Oktsec.Benchmarks.Compare;

/// <summary>What one contender did in one cell (a payload at a number of connections), summed over its rounds.</summary>
internal sealed class Cell(string contender, string payload, int connections)
{
    private readonly List<long> _durations = [];
    private readonly List<double> _callsPerSecond = [];

    public string Contender { get; } = contender;

    public string Payload { get; } = payload;

    public int Connections { get; } = connections;

    public int Calls => _durations.Count;

    public double P50Ms { get; private set; }

    public double P99Ms { get; private set; }

    /// <summary>Median of the rounds.</summary>
    public double CallsPerSecond { get; private set; }

    /// <summary>CPU time per call in microseconds: of the product, of the echo servers, of the load generator.</summary>
    public double CpuUs { get; private set; }

    public double EchoCpuUs { get; private set; }

    public double LoadCpuUs { get; private set; }

    /// <summary>The highest of the rounds' ends.</summary>
    public double ResidentMb { get; private set; }

    /// <summary>Why there are no figures; null when there are.</summary>
    public string? Fault { get; set; }

    private TimeSpan _cpu, _echoCpu, _loadCpu;

    public void Add(List<long> durations, TimeSpan elapsed, TimeSpan cpu, TimeSpan echoCpu, TimeSpan loadCpu, long residentBytes)
    {
        _durations.AddRange(durations);
        _callsPerSecond.Add(durations.Count / elapsed.TotalSeconds);
        _cpu += cpu;
        _echoCpu += echoCpu;
        _loadCpu += loadCpu;
        ResidentMb = Math.Max(ResidentMb, residentBytes / 1048576.0);
    }

    public void Close()
    {
        if (Calls == 0)
            return;
        _durations.Sort();
        _callsPerSecond.Sort();
        P50Ms = Milliseconds(0.50);
        P99Ms = Milliseconds(0.99);
        CallsPerSecond = _callsPerSecond[_callsPerSecond.Count / 2];
        CpuUs = _cpu.TotalMicroseconds / Calls;
        EchoCpuUs = _echoCpu.TotalMicroseconds / Calls;
        LoadCpuUs = _loadCpu.TotalMicroseconds / Calls;
    }

    private double Milliseconds(double quantile) =>
        _durations[(int)Math.Min(_durations.Count * quantile, _durations.Count - 1)] * 1000.0 / Stopwatch.Frequency;
}
