using Oktsec.Scanning;
using Oktsec.Scanning.Rules;

namespace Oktsec.Commands.Scan;

/// <summary>Findings for people: a line each, then what they come to.</summary>
internal sealed class ScanReport(TextWriter output, Ink ink)
{
    private readonly SortedDictionary<RuleAction, int> _counts = [];
    private int _files;

    public void Write(FileResult file)
    {
        var places = new TextPlaces(file.Content);
        var name = TerminalText.Escape(file.File);
        if (ScanVerdict.IsFound(file.Result) || file.Result.Findings.Count > 0)
            _files++;
        foreach (var finding in file.Result.Findings)
        {
            var (line, column) = places.Of(finding.Start);
            var via = finding.Via.Length > 0 ? $" (in {finding.Via})" : "";
            output.WriteLine($"{name}:{line}:{column}: {Painted(finding.Action)} {TerminalText.Escape(finding.RuleId)} {TerminalText.Escape(finding.RuleName)}, {RuleWords.Of(finding.Severity)}: {TerminalText.Escape(finding.Match)}{via}");
            Count(finding.Action);
        }
        if (file.Result.IsBudgetExhausted)
        {
            output.WriteLine($"{name}: {Painted(RuleAction.Quarantine)} {ScanVerdict.BudgetRule}: made to cost more than a scan may; it was not read to its end");
            Count(RuleAction.Quarantine);
        }
    }

    public void WriteSummary(FileScan scan)
    {
        var skipped = scan.Skipped > 0 ? $"; {scan.Skipped} binary files skipped" : "";
        var files = $"{scan.Scanned} {(scan.Scanned == 1 ? "file" : "files")}";
        output.WriteLine(_counts.Count == 0
            ? $"nothing found in {files}{skipped}"
            : $"{_counts.Values.Sum()} found in {_files} of {files}: {string.Join(", ", _counts.Reverse().Select(pair => $"{pair.Value} {RuleWords.Of(pair.Key)}"))}{skipped}");
    }

    private void Count(RuleAction action) => _counts[action] = _counts.GetValueOrDefault(action) + 1;

    private string Painted(RuleAction action) => action switch
    {
        RuleAction.Block or RuleAction.Quarantine => ink.Red(RuleWords.Of(action)),
        RuleAction.Log => ink.Dim(RuleWords.Of(action)),
        _ => ink.Yellow(RuleWords.Of(action)),
    };
}
