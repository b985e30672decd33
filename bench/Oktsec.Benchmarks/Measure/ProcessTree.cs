using System.Globalization;

namespace Oktsec.Benchmarks.Measure;

/// <summary>CPU time and memory of a process and everything below it, read from /proc (proc(5)).</summary>
/// <param name="Cpu">User and system time of the product's own processes, since their start.</param>
/// <param name="EchoCpu">The same of the echo servers among them, which are not the product's.</param>
/// <param name="ResidentBytes">VmRSS, summed over the product's own processes.</param>
internal readonly record struct ProcessTree(TimeSpan Cpu, TimeSpan EchoCpu, long ResidentBytes)
{
    // sysconf(_SC_CLK_TCK) is 100 on every Linux that .NET runs on.
    private const double TicksPerSecond = 100;

    // The whole command line: a relay's own names the echo server's among its arguments.
    private static readonly string _echoCommandLine = $"{Environment.ProcessPath}\0echo-server\0";

    public static ProcessTree Of(int root)
    {
        var processes = ReadAll();
        var total = default(ProcessTree);
        var waiting = new Queue<int>([root]);
        while (waiting.TryDequeue(out var pid))
        {
            if (processes.TryGetValue(pid, out var process))
                total += Own(pid, process.Cpu);
            foreach (var (child, stat) in processes)
            {
                if (stat.Parent == pid)
                    waiting.Enqueue(child);
            }
        }
        return total;
    }

    /// <summary>VmRSS of one process, in bytes.</summary>
    public static long Own(int pid) => Own(pid, default).ResidentBytes;

    public static ProcessTree operator +(ProcessTree a, ProcessTree b) =>
        new(a.Cpu + b.Cpu, a.EchoCpu + b.EchoCpu, a.ResidentBytes + b.ResidentBytes);

    private static ProcessTree Own(int pid, TimeSpan cpu)
    {
        try
        {
            if (File.ReadAllText($"/proc/{pid}/cmdline") == _echoCommandLine)
                return new ProcessTree(default, cpu, 0);
            var resident = File.ReadLines($"/proc/{pid}/status").First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
            return new ProcessTree(cpu, default, long.Parse(resident.AsSpan(6).Trim(" \tkB")) * 1024);
        }
        catch (Exception e) when (e is IOException or InvalidOperationException)
        {
            return default; // it ended between two reads, or is a zombie without memory
        }
    }

    private static Dictionary<int, (int Parent, TimeSpan Cpu)> ReadAll()
    {
        var found = new Dictionary<int, (int, TimeSpan)>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), NumberStyles.None, null, out var pid))
                continue;
            try
            {
                // The name in parentheses may itself hold spaces and parentheses: fields count from the last one.
                var stat = File.ReadAllText($"{folder}/stat");
                var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
                found[pid] = (int.Parse(fields[1]), TimeSpan.FromSeconds((long.Parse(fields[11]) + long.Parse(fields[12])) / TicksPerSecond));
            }
            catch (IOException)
            {
                // It ended between the listing and the read.
            }
        }
        return found;
    }
}
