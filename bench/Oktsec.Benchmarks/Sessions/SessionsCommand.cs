using System.CommandLine;
using Oktsec.Benchmarks.Contenders;
using Oktsec.Benchmarks.Load;
using Oktsec.Benchmarks.Measure;

namespace Oktsec.Benchmarks.Sessions;

/// <summary><c>sessions</c>: memory with many open sessions on one shared backend, first idle, then each with its GET stream open.</summary>
internal static class SessionsCommand
{
    public static Command Create()
    {
        var count = new Option<int>("--count") { DefaultValueFactory = _ => 1000 };
        var names = new Option<string>("--contenders") { DefaultValueFactory = _ => "oktsec-shared,mcp-proxy" };
        var command = new Command("sessions", "Measures resident memory with open sessions that each listed tools and made a call") { count, names };
        var places = new Places(command);
        command.SetAction(parsed =>
        {
            using var known = places.From(parsed);
            Console.WriteLine("| | sessions | at start MB | sessions open MB | with a stream each MB | after closing MB |\n|---|---:|---:|---:|---:|---:|");
            foreach (var name in parsed.GetValue(names)!.Split(','))
            {
                using var contender = known.Start(name);
                Measure(contender, parsed.GetValue(count));
            }
        });
        return command;
    }

    private static void Measure(Contender contender, int count)
    {
        var start = Megabytes(contender);
        var sessions = new List<HttpConnection>(count);
        for (var i = 0; i < count; i++)
        {
            var session = (HttpConnection)contender.Connect();
            session.Call(new CallWriter(Payload.All[0], 0).Next());
            sessions.Add(session);
        }
        var open = Megabytes(contender);
        foreach (var session in sessions)
            session.OpenStream();
        // The streams are open when a call made after them is answered.
        using (var last = contender.Connect())
            last.Call(new CallWriter(Payload.All[0], 0).Next());
        var streaming = Megabytes(contender);
        foreach (var session in sessions)
            session.Dispose();
        Console.WriteLine($"| {contender.Name} | {count} | {start:F0} | {open:F0} | {streaming:F0} | {Megabytes(contender):F0} |");
    }

    private static double Megabytes(Contender contender) => contender.Measure().ResidentBytes / 1048576.0;
}
