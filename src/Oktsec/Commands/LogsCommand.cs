using System.CommandLine;
using System.Runtime.InteropServices;
using Oktsec.Core.Audit;
using Oktsec.Storage;
using Oktsec.Storage.Sqlite;

namespace Oktsec.Commands;

/// <summary><c>oktsec logs</c>: what passed and what did not.</summary>
internal static class LogsCommand
{
    // Soon enough for a person; a look at a store without news costs some 20 µs.
    private static readonly TimeSpan s_lookEvery = TimeSpan.FromMilliseconds(250);

    // Rows fetched per look; more follow at once.
    private const int FollowPage = 500;

    public static Command Create() => Create(TimeProvider.System);

    internal static Command Create(TimeProvider time)
    {
        var agent = new Option<string?>("--agent") { Description = "Only this agent's" };
        var status = new Option<string?>("--status") { Description = "Only one status: delivered, blocked, rejected or quarantined" };
        status.AcceptOnlyFromAmong([.. AuditWords.Statuses]);
        var tool = new Option<string?>("--tool") { Description = "Only this tool (or method); * stands for any characters" };
        var since = new Option<string?>("--since") { Description = $"Only from then on: {SinceArgument.Help}" };
        since.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && SinceArgument.Parse(result.Tokens[0].Value, time.GetUtcNow()) is null)
                result.AddError($"--since {result.Tokens[0].Value}: write {SinceArgument.Help}");
        });
        var limit = new Option<int>("--limit") { Description = "At most so many", DefaultValueFactory = _ => 50 };
        limit.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && int.TryParse(result.Tokens[0].Value, out var count) && count < 1)
                result.AddError("--limit: write a number above 0");
        });
        var live = new Option<bool>("--live") { Description = "Go on with each call as it completes, oldest first, until Ctrl-C" };
        var json = new Option<bool>("--json") { Description = "One JSON object per line" };
        var wide = new Option<bool>("--wide") { Description = "Whole names, with time, backend and rules" };
        var store = new StoreOptions();
        var command = new Command("logs", "Show what agents called and what was decided, newest first.") { agent, status, tool, since, limit, live, json, wide };
        store.AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            await using var opened = store.Open(parsed, time, out var exitCode);
            if (opened is null)
                return exitCode;
            var query = new AuditQuery
            {
                Agent = parsed.GetValue(agent),
                Status = parsed.GetValue(status),
                Tool = parsed.GetValue(tool),
                Since = parsed.GetValue(since) is { } text ? SinceArgument.Parse(text, time.GetUtcNow()) : null,
                Limit = parsed.GetValue(limit),
            };
            var printer = new LogPrinter(parsed.InvocationConfiguration.Output, parsed.GetValue(json), parsed.GetValue(wide));
            try
            {
                if (parsed.GetValue(live))
                    await FollowAsync(opened, query, printer, time, cancel);
                else
                    printer.Print(opened.Query(query));
            }
            catch (StoreException e)
            {
                await parsed.InvocationConfiguration.Error.WriteLineAsync($"oktsec: {e.Message}");
                return ExitCodes.Failure;
            }
            return ExitCodes.Fine;
        });
        return command;
    }

    /// <summary>The last rows in the order they were completed, then each new one.</summary>
    private static async Task FollowAsync(SqliteStore store, AuditQuery query, LogPrinter printer, TimeProvider time, CancellationToken cancel)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        var seen = store.LastSequence();
        printer.Print([.. store.Query(query)
            .Where(row => row.CompletedSequence <= seen && row.IsComplete)
            .OrderBy(row => row.CompletedSequence)]);
        using var timer = new PeriodicTimer(s_lookEvery, time);
        try
        {
            do
                seen = PrintAfter(seen, store, query, printer);
            while (await timer.WaitForNextTickAsync(stop.Token));
        }
        catch (OperationCanceledException)
        {
            // Ctrl-C is how following ends.
        }

        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            stop.Cancel();
        }
    }
    private static long PrintAfter(long seen, SqliteStore store, AuditQuery query, LogPrinter printer)
    {
        while (true)
        {
            var end = store.LastSequence(); // up to here the look below has seen all, whether or not it fits the query
            var rows = store.Query(query with { AfterSequence = seen, Limit = FollowPage });
            if (rows.Count > 0)
                printer.Print(rows);
            if (rows.Count < FollowPage)
                return Math.Max(end, rows.Count > 0 ? rows[^1].CompletedSequence : 0);
            seen = rows[^1].CompletedSequence;
        }
    }
}
