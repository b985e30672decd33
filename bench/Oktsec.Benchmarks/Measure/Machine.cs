using System.Runtime.InteropServices;

namespace Oktsec.Benchmarks.Measure;

/// <summary>What the figures were measured on.</summary>
internal sealed record Machine(string Cpu, int Cores, string System, string Runtime, string LoadAverage)
{
    public static Machine Current()
    {
        var model = File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal)) ?? ": unknown";
        return new Machine(
            model[(model.IndexOf(':') + 1)..].Trim(),
            Environment.ProcessorCount,
            RuntimeInformation.OSDescription,
            RuntimeInformation.FrameworkDescription,
            string.Join(' ', File.ReadAllText("/proc/loadavg").Split(' ').Take(3)));
    }
}
