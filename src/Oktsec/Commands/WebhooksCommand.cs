using System.CommandLine;
using System.Globalization;
using Oktsec.Configuration;
using Oktsec.Core.Audit;
using Oktsec.Storage;
using Oktsec.Storage.Sqlite;
using Oktsec.Webhooks;

namespace Oktsec.Commands;

/// <summary><c>oktsec webhooks</c>: events that no webhook took.</summary>
internal static class WebhooksCommand
{
    public static Command Create() => Create(TimeProvider.System);

    internal static Command Create(TimeProvider time) =>
        new("webhooks", "Events that no webhook took: look at them, send them again, or forget them.") { List(time), Retry(time), Drop(time) };

    private static Command List(TimeProvider time)
    {
        var json = new Option<bool>("--json") { Description = "One JSON object per line, with the event" };
        var command = new Command("list", "What was not delivered, newest first.") { json };
        return Choosing(command, time, isChoiceRequired: false, (parsed, _, letters, _, _) =>
        {
            var output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(json))
            {
                foreach (var letter in letters)
                    output.WriteLine(DeadLetterText.Json(letter));
                return Task.FromResult(ExitCodes.Fine);
            }
            var table = new TextTable(output, DeadLetterText.Columns);
            var rows = letters.Select(DeadLetterText.Cells).ToArray();
            table.Fit(rows);
            table.WriteHeading();
            foreach (var row in rows)
                table.Write(row);
            return Task.FromResult(ExitCodes.Fine);
        });
    }

    private static Command Retry(TimeProvider time)
    {
        var command = new Command("retry", "Send them again, once each, oldest first; what is taken is gone from the list. Exit code 1 when something was not.");
        return Choosing(command, time, isChoiceRequired: true, async (parsed, store, letters, config, cancel) =>
        {
            var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
            var loaded = ConfigFile.FindAndLoad(config, MachineEnvironment.With(KnownRules.Of));
            if (loaded.Config is null)
            {
                foreach (var problem in loaded.Problems)
                    await error.WriteLineAsync(problem.ToString());
                return ExitCodes.Usage;
            }
            var exitCode = ExitCodes.Fine;
            await foreach (var (letter, failure) in new DeadLetterReplay(loaded.Config, store, time).RunAsync(letters, cancel))
            {
                await output.WriteLineAsync($"{letter.Sequence}  {TerminalText.Escape(letter.Webhook)}  {letter.Event}  {(failure is null ? "delivered" : TerminalText.Escape(failure))}");
                exitCode = failure is null ? exitCode : ExitCodes.Failure;
            }
            return exitCode;
        });
    }

    private static Command Drop(TimeProvider time)
    {
        var command = new Command("drop", "Forget them. The records of the calls stay.");
        return Choosing(command, time, isChoiceRequired: true, async (parsed, store, letters, _, cancel) =>
        {
            var dropped = 0;
            foreach (var letter in letters)
                dropped += await store.RemoveDeadLetterAsync(letter.Sequence, cancel) ? 1 : 0;
            await parsed.InvocationConfiguration.Output.WriteLineAsync($"{dropped} dropped");
            return ExitCodes.Fine;
        });
    }

    private static Command Choosing(
        Command command, TimeProvider time, bool isChoiceRequired,
        Func<ParseResult, SqliteStore, IReadOnlyList<DeadLetter>, string?, CancellationToken, Task<int>> run)
    {
        var ids = new Argument<long[]>("ID") { Description = "As `oktsec webhooks list` shows them", Arity = ArgumentArity.ZeroOrMore };
        var all = new Option<bool>("--all") { Description = "All of them" };
        var webhook = new Option<string?>("--webhook") { Description = "Those of this webhook" };
        var options = new StoreOptions();
        options.AddTo(command);
        command.Add(webhook);
        if (isChoiceRequired)
        {
            command.Add(ids);
            command.Add(all);
        }
        command.SetAction(async (parsed, cancel) =>
        {
            var error = parsed.InvocationConfiguration.Error;
            var (asked, name) = (isChoiceRequired ? parsed.GetValue(ids)! : [], parsed.GetValue(webhook));
            if (isChoiceRequired && asked.Length == 0 && name is null && !parsed.GetValue(all))
            {
                await error.WriteLineAsync("oktsec: which ones? Name ids, --webhook NAME or --all; oktsec webhooks list shows them");
                return ExitCodes.Usage;
            }
            await using var store = options.Open(parsed, time, out var exitCode);
            if (store is null)
                return exitCode;
            try
            {
                var letters = store.ReadDeadLetters(int.MaxValue).Where(l => name is null || l.Webhook == name).ToList();
                var unknown = asked.Except(letters.Select(l => l.Sequence)).ToList();
                if (unknown.Count > 0)
                {
                    await error.WriteLineAsync($"oktsec: no dead letter {string.Join(", ", unknown.Select(id => id.ToString(CultureInfo.InvariantCulture)))}; oktsec webhooks list shows them");
                    return ExitCodes.Failure;
                }
                return await run(parsed, store, asked.Length == 0 ? letters : [.. letters.Where(l => asked.Contains(l.Sequence))], parsed.GetValue(options.Config), cancel);
            }
            catch (Exception e) when (e is StoreException or AuditUnavailableException)
            {
                await error.WriteLineAsync($"oktsec: {e.Message}");
                return ExitCodes.Failure;
            }
        });
        return command;
    }
}
