using System.CommandLine;
using Oktsec.Storage;
using Oktsec.Storage.Sqlite;

namespace Oktsec.Commands;

/// <summary><c>oktsec quarantine</c>: what is held for a person.</summary>
internal static class QuarantineCommand
{
    public static Command Create() => Create(TimeProvider.System);

    internal static Command Create(TimeProvider time) =>
        new("quarantine", "Look at content that was held instead of delivered.") { List(time), Show(time) };

    private static Command List(TimeProvider time)
    {
        var all = new Option<bool>("--all") { Description = "Expired items too" };
        var json = new Option<bool>("--json") { Description = "One JSON object per line" };
        var command = new Command("list", "What is held, newest first.") { all, json };
        return Reading(command, time, (parsed, store) =>
        {
            var output = parsed.InvocationConfiguration.Output;
            var items = store.List(parsed.GetValue(all));
            if (parsed.GetValue(json))
            {
                foreach (var item in items)
                    output.WriteLine(HeldText.Json(item, content: null));
                return ExitCodes.Fine;
            }
            var table = new TextTable(output, HeldText.Columns);
            var rows = items.Select(item => HeldText.Cells(item)).ToArray();
            table.Fit(rows);
            table.WriteHeading();
            foreach (var row in rows)
                table.Write(row);
            return ExitCodes.Fine;
        });
    }

    private static Command Show(TimeProvider time)
    {
        var id = new Argument<string>("ID") { Description = "The id, or as much of it as is unique" };
        var json = new Option<bool>("--json") { Description = "One JSON object" };
        var command = new Command("show", "One item with its content, unmasked.") { id, json };
        return Reading(command, time, (parsed, store) =>
        {
            var asked = parsed.GetValue(id)!;
            if (store.Find(asked.StartsWith("q-", StringComparison.Ordinal) ? asked : "q-" + asked) is not (var item, var content))
            {
                parsed.InvocationConfiguration.Error.WriteLine(
                    $"oktsec: no single item begins with {TerminalText.Escape(asked)}; oktsec quarantine list --all names them");
                return ExitCodes.Failure;
            }
            var output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(json))
                output.WriteLine(HeldText.Json(item, content));
            else
                HeldText.Write(output, item, content);
            return ExitCodes.Fine;
        });
    }

    private static Command Reading(Command command, TimeProvider time, Func<ParseResult, SqliteStore, int> read)
    {
        var options = new StoreOptions();
        options.AddTo(command);
        command.SetAction(async (parsed, _) =>
        {
            await using var store = options.Open(parsed, time, out var exitCode);
            if (store is null)
                return exitCode;
            try
            {
                return read(parsed, store);
            }
            catch (StoreException e)
            {
                await parsed.InvocationConfiguration.Error.WriteLineAsync($"oktsec: {e.Message}");
                return ExitCodes.Failure;
            }
        });
        return command;
    }
}
