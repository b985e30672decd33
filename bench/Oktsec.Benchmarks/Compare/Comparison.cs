using System.Diagnostics;
using Oktsec.Benchmarks.Contenders;
using Oktsec.Benchmarks.Load;
using Oktsec.Benchmarks.Measure;

namespace Oktsec.Benchmarks.Compare;

/// <summary>How long and how often.</summary>
/// <param name="Rounds">Rounds of each contender in each cell.</param>
/// <param name="Round">Length of one round.</param>
/// <param name="WarmUp">Unmeasured calls before a cell's first round.</param>
internal sealed record Plan(int Rounds, TimeSpan Round, TimeSpan WarmUp, IReadOnlyList<int> Connections, IReadOnlyList<Payload> Payloads);

/// <summary>
/// Measures contenders in turn, A B C A B C, so that whatever else the machine does meets all of them alike: single figures move with
/// the machine, ratios within one run do not.
/// </summary>
internal sealed class Comparison(Plan plan, IReadOnlyList<Contender> contenders, TextWriter progress)
{
    // .NET and V8 compile hot code again and again while they learn. oktsec's compiler spends 2.4 s of CPU, nearly all of it in the first 8 s of load.
    private static readonly TimeSpan s_untilCompiled = TimeSpan.FromSeconds(8);

    public List<Cell> Run()
    {
        foreach (var contender in contenders)
            Try(new Cell(contender.Name, "", 0), () => WarmUp(contender, plan.Payloads[0]));
        var cells = new List<Cell>();
        foreach (var payload in plan.Payloads)
        {
            foreach (var connections in plan.Connections)
                cells.AddRange(Measure(payload, connections));
        }
        return cells;
    }

    private List<Cell> Measure(Payload payload, int connections)
    {
        var cells = contenders.Select(c => new Cell(c.Name, payload.Name, connections)).ToList();
        var callers = contenders.Select(_ => new List<Caller>()).ToList();
        for (var i = 0; i < contenders.Count; i++)
        {
            Try(cells[i], () =>
            {
                for (var n = 0; n < connections; n++)
                    callers[i].Add(new Caller(contenders[i].Connect(), payload, n));
                LoadRound.Run(callers[i], plan.WarmUp);
            });
        }
        for (var round = 0; round < plan.Rounds; round++)
        {
            for (var i = 0; i < contenders.Count; i++)
                Try(cells[i], () => OneRound(contenders[i], callers[i], cells[i]));
        }
        foreach (var caller in callers.SelectMany(c => c))
            caller.Dispose();
        foreach (var cell in cells)
        {
            cell.Close();
            if (cell.Fault is null)
                progress.WriteLine($"{cell.Payload}, {connections} connections, {cell.Contender}: p50 {cell.P50Ms:F3} ms, {cell.CallsPerSecond:F0}/s");
        }
        return cells;
    }

    private void OneRound(Contender contender, List<Caller> callers, Cell cell)
    {
        var before = contender.Measure();
        var own = OwnCpu();
        var (durations, elapsed) = LoadRound.Run(callers, plan.Round);
        var ownAfter = OwnCpu();
        var after = contender.Measure();
        cell.Add(durations, elapsed, after.Cpu - before.Cpu, after.EchoCpu - before.EchoCpu, ownAfter - own, after.ResidentBytes);
    }

    private static void WarmUp(Contender contender, Payload payload)
    {
        var callers = Enumerable.Range(0, 8).Select(n => new Caller(contender.Connect(), payload, n)).ToList();
        LoadRound.Run(callers, s_untilCompiled);
        callers.ForEach(c => c.Dispose());
    }

    /// <summary>A contender that fails a cell loses that cell; the others go on.</summary>
    private void Try(Cell cell, Action action)
    {
        if (cell.Fault is not null)
            return;
        try
        {
            action();
        }
        catch (Exception e) // the run's door: the fault stands in the report
        {
            var cause = e is AggregateException a ? a.InnerExceptions[0] : e;
            cell.Fault = $"{cell.Contender} failed: {cause.Message.ReplaceLineEndings(" ")}";
            if (cell.Fault.Length > 300) // a stack trace in HTML does not belong in a table
                cell.Fault = cell.Fault[..300];
            progress.WriteLine(cell.Fault);
        }
    }

    private static TimeSpan OwnCpu()
    {
        using var self = Process.GetCurrentProcess();
        return self.TotalProcessorTime;
    }
}
