using System.CommandLine;
using System.Diagnostics;
using Oktsec.Benchmarks.Contenders;
using Oktsec.Benchmarks.Load;
using Oktsec.Benchmarks.Measure;

namespace Oktsec.Benchmarks.StdioProxy;

/// <summary><c>proxy</c>: what wrapping a stdio server adds, in turn with the server alone: per call, at the start, in memory; and a hook's whole run.</summary>
internal static class ProxyCommand
{
    private static readonly TimeSpan s_round = TimeSpan.FromMilliseconds(700); // some thousand calls

    private const string HookEvent =
        """{"session_id":"s","cwd":"/","hook_event_name":"PreToolUse","tool_name":"Bash","tool_input":{"command":"git status --short"}}""";

    public static Command Create()
    {
        var rounds = new Option<int>("--rounds") { Description = "Rounds of calls, each with every way", DefaultValueFactory = _ => 7 };
        var starts = new Option<int>("--starts") { Description = "Starts of each way", DefaultValueFactory = _ => 11 };
        var command = new Command("proxy", "Measures what the stdio proxy and the hook cost") { rounds, starts };
        var places = new Places(command);
        command.SetAction(parsed =>
        {
            using var known = places.From(parsed);
            Calls(known, parsed.GetValue(rounds));
            Starts(known, parsed.GetValue(starts));
            Hooks(known, parsed.GetValue(starts));
        });
        return command;
    }

    private static void Calls(KnownContenders known, int rounds)
    {
        Console.WriteLine("| way | payload | p50 ms | added p50 ms | p99 ms |\n|---|---|---:|---:|---:|");
        foreach (var payload in Payload.All)
        {
            var ways = Ways(known).Select(w => (w.Name, Connection: Connect(w.Start), Durations: new List<long>())).ToList();
            foreach (var (_, connection, _) in ways)
                LoadRound.Run([new Caller(connection, payload, 0)], s_round); // warm
            for (var round = 0; round < rounds; round++)
            {
                foreach (var (_, connection, durations) in ways)
                    durations.AddRange(LoadRound.Run([new Caller(connection, payload, round + 1)], s_round).Durations);
            }
            var direct = Percentile(ways[0].Durations, 50);
            foreach (var (name, connection, durations) in ways)
            {
                Console.WriteLine($"| {name} | {payload.Name} | {Percentile(durations, 50):F3} | {Percentile(durations, 50) - direct:F3} | {Percentile(durations, 99):F3} |");
                connection.Dispose();
            }
        }
    }

    // From the start of the process to the answer to initialize and tools/list.
    private static void Starts(KnownContenders known, int starts)
    {
        var ways = Ways(known).Select(w => (w.Name, w.Start, Times: new List<long>(), Resident: new List<long>())).ToList();
        for (var i = 0; i <= starts; i++)
        {
            foreach (var (_, start, times, resident) in ways)
            {
                var from = Stopwatch.GetTimestamp();
                using var caller = new Caller(Connect(start), Payload.All[0], i);
                if (i == 0)
                    continue; // the file system's cache now holds the program
                times.Add(Stopwatch.GetTimestamp() - from);
                caller.Run(Stopwatch.GetTimestamp() + (Stopwatch.Frequency / 2), []);
                resident.Add(ProcessTree.Of(Environment.ProcessId).ResidentBytes - ProcessTree.Own(Environment.ProcessId));
            }
        }
        Console.WriteLine("\n| way | start to tools/list, median ms | added ms | resident MB after calls (helpers included) |\n|---|---:|---:|---:|");
        var direct = Percentile(ways[0].Times, 50);
        foreach (var (name, _, times, resident) in ways)
            Console.WriteLine($"| {name} | {Percentile(times, 50):F0} | {Percentile(times, 50) - direct:F0} | {resident.Order().ElementAt(resident.Count / 2) / 1048576.0:F0} |");
    }

    private static void Hooks(KnownContenders known, int starts)
    {
        var hook = new List<long>();
        var version = new List<long>();
        for (var i = 0; i <= starts; i++)
        {
            var (one, other) = (Once(Oktsec(known, ["hook", "--enforce"]), HookEvent), Once(Oktsec(known, ["version"]), ""));
            if (i == 0)
                continue;
            hook.Add(one);
            version.Add(other);
        }
        Console.WriteLine("\n| run, from start to exit | median ms | slowest ms |\n|---|---:|---:|");
        Console.WriteLine($"| oktsec hook, one clean event | {Percentile(hook, 50):F0} | {Percentile(hook, 100):F0} |");
        Console.WriteLine($"| oktsec version, for comparison | {Percentile(version, 50):F0} | {Percentile(version, 100):F0} |");
    }

    private static long Once(ProcessStartInfo start, string input)
    {
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        var from = Stopwatch.GetTimestamp();
        using var process = Process.Start(start)!;
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        process.WaitForExit();
        return process.ExitCode == 0 ? Stopwatch.GetTimestamp() - from : throw new InvalidOperationException(process.StandardError.ReadToEnd());
    }

    private static (string Name, ProcessStartInfo Start)[] Ways(KnownContenders known)
    {
        string[] echo = [Environment.ProcessPath!, "echo-server"];
        return
        [
            ("direct", new ProcessStartInfo(echo[0], echo[1..])),
            ("proxy, observing", Oktsec(known, ["proxy", "--agent", "echo", "--", .. echo])),
            ("proxy --enforce --inspect-responses", Oktsec(known, ["proxy", "--agent", "echo", "--enforce", "--inspect-responses", "--", .. echo])),
        ];
    }

    // A home of its own: the store begins empty, and no configuration of this machine counts.
    private static ProcessStartInfo Oktsec(KnownContenders known, string[] arguments)
    {
        var start = new ProcessStartInfo(known.Oktsec, arguments) { WorkingDirectory = known.Work };
        start.Environment["HOME"] = known.Work;
        start.Environment.Remove("OKTSEC_CONFIG");
        return start;
    }

    private static StdioConnection Connect(ProcessStartInfo start)
    {
        var connection = new StdioConnection(start);
        Handshake.Open(connection);
        return connection;
    }

    private static double Percentile(List<long> ticks, int percent) =>
        ticks.Order().ElementAt(Math.Min(ticks.Count - 1, ticks.Count * percent / 100)) * 1000.0 / Stopwatch.Frequency;
}
