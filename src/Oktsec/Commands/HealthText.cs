using Oktsec.Doctor;
using Oktsec.Doctor.Checks;

namespace Oktsec.Commands;

/// <summary>What the checks found, for people and for scripts.</summary>
internal sealed class HealthText(TextWriter output, Ink ink)
{
    // One more than the longest name of a check.
    private const int NameWidth = 12;

    /// <summary>Every client, since that is what people ask; of each other check the first line, or the worst ones.</summary>
    public void WriteShort(IReadOnlyList<HealthReport> reports)
    {
        foreach (var report in reports)
        {
            foreach (var line in report.Check == ClientsCheck.CheckName ? report.Lines
                : report.Worst == HealthLevel.Fine ? report.Lines.Take(1) : report.Lines.Where(l => l.Level == report.Worst))
                Write(report.Check, line);
        }
        Conclude(reports, "oktsec doctor says what to do");
    }

    /// <summary>Everything, with what to do.</summary>
    public void WriteAll(IReadOnlyList<HealthReport> reports)
    {
        foreach (var report in reports)
        {
            foreach (var line in report.Lines)
            {
                Write(report.Check, line);
                if (line.Remedy.Length > 0)
                    output.WriteLine($"{new string(' ', 7 + NameWidth)}{ink.Bold("-> " + TerminalText.Escape(line.Remedy))}");
            }
        }
        Conclude(reports, "");
    }

    public static void WriteJson(TextWriter output, IReadOnlyList<HealthReport> reports) => JsonOutput.Print(output, json =>
    {
        json.WriteStartObject();
        json.WriteString("status", Word(reports.Max(r => r.Worst)));
        json.WriteStartArray("checks");
        foreach (var report in reports)
        {
            foreach (var line in report.Lines)
            {
                json.WriteStartObject();
                json.WriteString("check", report.Check);
                json.WriteString("status", Word(line.Level));
                json.WriteString("text", line.Text);
                if (line.Remedy.Length > 0)
                    json.WriteString("remedy", line.Remedy);
                json.WriteEndObject();
            }
        }
        json.WriteEndArray();
        json.WriteEndObject();
    });

    private void Write(string check, HealthLine line) =>
        output.WriteLine($"{Paint(line.Level, Word(line.Level).PadRight(7))}{check.PadRight(NameWidth)}{TerminalText.Escape(line.Text)}");

    private void Conclude(IReadOnlyList<HealthReport> reports, string hint)
    {
        var lines = reports.SelectMany(r => r.Lines).ToList();
        var (problems, warnings) = (lines.Count(l => l.Level == HealthLevel.Problem), lines.Count(l => l.Level == HealthLevel.Warning));
        output.WriteLine();
        output.WriteLine(problems + warnings == 0 ? ink.Green("Everything is fine.")
            : $"{problems} to mend, {warnings} to know{(hint.Length > 0 ? $"; {hint}" : "")}");
    }

    private static string Word(HealthLevel level) => level switch { HealthLevel.Fine => "ok", HealthLevel.Warning => "warn", _ => "FAIL" };

    private string Paint(HealthLevel level, string text) => level switch { HealthLevel.Fine => ink.Green(text), HealthLevel.Warning => ink.Yellow(text), _ => ink.Red(text) };
}
