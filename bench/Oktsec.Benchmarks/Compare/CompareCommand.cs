using System.CommandLine;
using Oktsec.Benchmarks.Contenders;
using Oktsec.Benchmarks.Load;
using Oktsec.Benchmarks.Measure;

namespace Oktsec.Benchmarks.Compare;

/// <summary><c>compare</c>: the end-to-end comparison.</summary>
internal static class CompareCommand
{
    public static Command Create()
    {
        var quick = new Option<bool>("--quick") { Description = "About a minute: 1 and 8 connections with small arguments, 1 connection with large results" };
        var names = new Option<string>("--contenders") { Description = "Who takes part, in this order; oktsec-shared@PATH is another build of oktsec", DefaultValueFactory = _ => KnownContenders.Default };
        var connections = new Option<string>("--connections") { Description = "Numbers of connections", DefaultValueFactory = _ => "1,8,32" };
        var payloads = new Option<string>("--payloads") { Description = "Any of 1KB, 100KB, 1MB", DefaultValueFactory = _ => "1KB,100KB,1MB" };
        var rounds = new Option<int>("--rounds") { DefaultValueFactory = _ => 5 };
        var seconds = new Option<double>("--seconds") { Description = "Length of one round", DefaultValueFactory = _ => 1.5 };
        var revision = new Option<string>("--revision") { Description = "2026-07-28: oktsec is called by agents without sessions; the relays, which know none, as ever", DefaultValueFactory = _ => Handshake.ProtocolVersion };
        revision.AcceptOnlyFromAmong(Handshake.ProtocolVersion, StatelessConnection.Revision);
        var command = new Command("compare", "Measures the gateway beside a direct connection and two relays, interleaved")
        {
            quick, names, connections, payloads, rounds, seconds, revision,
        };
        var places = new Places(command);
        command.SetAction(parsed =>
        {
            var plan = new Plan(
                parsed.GetValue(rounds),
                TimeSpan.FromSeconds(parsed.GetValue(seconds)),
                TimeSpan.FromSeconds(0.5),
                [.. parsed.GetValue(connections)!.Split(',').Select(int.Parse)],
                [.. parsed.GetValue(payloads)!.Split(',').Select(Payload.ByName)]);
            if (parsed.GetValue(quick))
                plan = plan with { Rounds = 3, Round = TimeSpan.FromSeconds(1), Connections = [1, 8], Payloads = [Payload.All[0], Payload.All[2]] };
            using var known = places.From(parsed) with { IsStateless = parsed.GetValue(revision) == StatelessConnection.Revision };
            return Run(plan, parsed.GetValue(names)!.Split(','), known, places.Output(parsed));
        });
        return command;
    }

    private static int Run(Plan plan, string[] names, KnownContenders known, string output)
    {
        var machine = Machine.Current();
        var contenders = new List<Contender>();
        try
        {
            foreach (var name in names)
                contenders.Add(known.Start(name));
            var cells = new Comparison(plan, contenders, Console.Error).Run();
            Directory.CreateDirectory(output);
            File.WriteAllText(Path.Combine(output, "compare.json"), Report.Json(cells, machine));
            File.WriteAllText(Path.Combine(output, "compare.md"), Report.Markdown(cells, machine));
            Console.Out.Write(Report.Markdown(cells, machine));
            return cells.Exists(c => c.Fault is not null) ? 1 : 0;
        }
        finally
        {
            foreach (var contender in contenders)
                contender.Dispose();
        }
    }
}
