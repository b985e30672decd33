using System.CommandLine;
using Oktsec.Commands.Rules;
using Oktsec.Scanning;
using Oktsec.Scanning.Rules;

namespace Oktsec.Commands.Scan;

/// <summary><c>oktsec scan</c>: scans files or records outside any gateway.</summary>
internal static class ScanCommand
{
    public static Command Create() => Create(Console.OpenStandardInput, Console.OpenStandardOutput);

    internal static Command Create(Func<Stream> input, Func<Stream> output)
    {
        var files = new Argument<string[]>("files") { Description = "Files and folders; - for standard input", Arity = ArgumentArity.ZeroOrMore };
        var kind = new Option<string>("--kind") { Description = "What the content is: arg, description or result (of a tool); of records, what they are when they do not say", DefaultValueFactory = _ => "result" };
        kind.AcceptOnlyFromAmong([.. ScanKinds.Names]);
        var json = new Option<bool>("--json") { Description = "One JSON array of findings" };
        var sarif = new Option<bool>("--sarif") { Description = "SARIF 2.1.0" };
        var lines = new Option<bool>("--jsonl") { Description = "Read records {\"id\",\"kind\",\"tool\"?,\"json\"?|\"text\"?}, one per line, and write one verdict per line, in order" };
        var options = new RuleOptions();
        var command = new Command("scan", "Scan files or records with the rules. Exit code 1 when something is found that would be flagged, held or blocked; what is only recorded does not count.") { files, kind, json, sarif, lines };
        options.AddTo(command);
        command.Validators.Add(result =>
        {
            if (new[] { json, sarif, lines }.Count(option => result.GetValue(option)) > 1)
                result.AddError("--json, --sarif and --jsonl: choose one");
        });
        command.SetAction(parsed =>
        {
            if (options.Load(parsed) is not { } rules)
                return ExitCodes.Usage;
            var console = parsed.InvocationConfiguration;
            var place = ScanKinds.Place(parsed.GetValue(kind)!);
            var paths = parsed.GetValue(files)!;
            if (parsed.GetValue(lines))
                return Records(new RecordScan(new ContentScanner(rules), parsed.GetResult(kind) is { Implicit: false } ? place : Place.Arguments), paths, input, output, console.Error);
            if (paths.Length == 0 && !Console.IsInputRedirected)
            {
                console.Error.WriteLine("oktsec: name files or folders to scan, or - for standard input");
                return ExitCodes.Usage;
            }
            var scan = new FileScan(new ContentScanner(rules), place, console.Error);
            return Files(scan, rules, paths.Length == 0 ? ["-"] : paths, parsed.GetValue(json) ? Format.Json : parsed.GetValue(sarif) ? Format.Sarif : Format.Text, console);
        });
        return command;
    }

    private static int Records(RecordScan scan, string[] paths, Func<Stream> input, Func<Stream> output, TextWriter error)
    {
        using var target = output();
        foreach (var path in paths.Length == 0 ? ["-"] : paths)
        {
            try
            {
                using var source = path == "-" ? input() : File.OpenRead(path);
                if (!scan.Run(path == "-" ? "stdin" : path, source, target, error))
                    return ExitCodes.Usage;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                error.WriteLine($"oktsec: {TerminalText.Escape(path)}: {TerminalText.Escape(e.Message)}");
                return ExitCodes.Usage;
            }
        }
        return scan.IsFound ? ExitCodes.Failure : ExitCodes.Fine;
    }

    private static int Files(FileScan scan, RuleSet rules, string[] paths, Format format, InvocationConfiguration console)
    {
        var bar = ProgressBar.OnTerminal(console.Error);
        var report = new ScanReport(console.Output, Ink.ForOutput());
        var kept = new List<FileResult>();
        var isFound = false;
        foreach (var file in scan.Run(paths, bar.Show))
        {
            isFound |= ScanVerdict.IsFound(file.Result);
            if (file.Result.IsClean)
                continue;
            if (format != Format.Text)
            {
                kept.Add(file);
                continue;
            }
            bar.Clear();
            report.Write(file);
        }
        bar.Clear();
        if (format == Format.Json)
            ScanJson.Write(console.Output, kept);
        else if (format == Format.Sarif)
            new SarifReport(rules).Write(console.Output, kept, scan.HasFailed);
        else
            report.WriteSummary(scan);
        // What could not be read is not clean.
        return scan.HasFailed ? ExitCodes.Usage : isFound ? ExitCodes.Failure : ExitCodes.Fine;
    }

    private enum Format
    {
        Text,
        Json,
        Sarif,
    }
}
