using System.Globalization;

namespace Oktsec.Benchmarks.Measure;

/// <summary>What one process holds, read from /proc (proc(5)): what must return to where it was.</summary>
/// <param name="Handles">Open file descriptors.</param>
/// <param name="Children">Processes directly below it, zombies among them.</param>
/// <param name="ResidentBytes">VmRSS.</param>
internal readonly record struct Holdings(int Handles, int Threads, int Children, long ResidentBytes)
{
    public static Holdings Of(int pid)
    {
        var status = File.ReadAllLines($"/proc/{pid}/status").Select(line => line.Split(':', 2)).ToDictionary(pair => pair[0], pair => pair[1].Trim());
        return new Holdings(
            Directory.GetFileSystemEntries($"/proc/{pid}/fd").Length,
            int.Parse(status["Threads"], CultureInfo.InvariantCulture),
            Directory.EnumerateDirectories($"/proc/{pid}/task").Sum(ChildrenOf),
            long.Parse(status["VmRSS"].Split(' ')[0], CultureInfo.InvariantCulture) * 1024);
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Handles} | {Threads} | {Children} | {ResidentBytes / 1048576.0:F0}");

    private static int ChildrenOf(string task)
    {
        try
        {
            return File.ReadAllText($"{task}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries).Length;
        }
        catch (IOException)
        {
            return 0; // the thread ended between the listing and the read
        }
    }
}
