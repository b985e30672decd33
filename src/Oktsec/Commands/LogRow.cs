using System.Globalization;
using System.Text;
using System.Text.Json;
using Oktsec.Core.Audit;
using Oktsec.Storage;

namespace Oktsec.Commands;

/// <summary>How one record looks in <c>oktsec logs</c>.</summary>
internal static class LogRow
{
    // The widths of the product text's sample. Longer values widen a column.
    public static readonly (string, int)[] Columns = [("ID", 8), ("FROM", 14), ("TO", 18), ("STATUS", 9), ("DECISION", 15), ("LATENCY", 0)];
    public static readonly (string, int)[] WideColumns = [("TIME", 0), .. Columns, ("BACKEND", 0), ("RULES", 0)];

    private const int MaxNameWidth = 48;

    public static string[] Cells(AuditRow row, bool isWide)
    {
        var entry = row.Entry;
        string[] cells =
        [
            entry.Id.Length > 8 ? entry.Id[..8] : entry.Id,
            Name(entry.Agent, isWide),
            Name(To(entry), isWide),
            AuditWords.Of(row.Status),
            row.Decision,
            Latency(row.PipelineMicroseconds),
        ];
        return isWide ? [Time(entry.Time), .. cells, Or(TerminalText.Escape(entry.Backend)), Or(Rules(row))] : cells;
    }

    public static string Json(AuditRow row)
    {
        using var bytes = new MemoryStream();
        // The default encoder writes ASCII only, so that nothing in a name reaches a terminal.
        using (var json = new Utf8JsonWriter(bytes))
            Write(json, row);
        return Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
    }

    public static string Time(DateTimeOffset time) => time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static string To(AuditEntry entry) => $"{entry.Door}/{(entry.Target.Length > 0 ? entry.Target : entry.Method)}";

    private static string Latency(long microseconds) =>
        microseconds < 1000 ? "<1ms" : string.Create(CultureInfo.InvariantCulture, $"{(microseconds + 500) / 1000}ms");

    private static string Rules(AuditRow row) =>
        string.Join(',', row.Entry.Findings.Concat(row.Outcome?.Findings ?? []).Select(f => TerminalText.Escape(f.RuleId)).Distinct());

    private static string Name(string name, bool isWide)
    {
        var text = TerminalText.Escape(name);
        return isWide || text.Length <= MaxNameWidth ? text : text[..(MaxNameWidth - 1)] + "…";
    }

    private static string Or(string text) => text.Length > 0 ? text : "-";

    private static void Write(Utf8JsonWriter json, AuditRow row)
    {
        var (entry, outcome) = (row.Entry, row.Outcome);
        json.WriteStartObject();
        json.WriteNumber("sequence", row.Sequence);
        json.WriteString("id", entry.Id);
        json.WriteString("time", Time(entry.Time));
        json.WriteString("from", entry.Agent);
        json.WriteString("to", To(entry));
        json.WriteString("status", AuditWords.Of(row.Status));
        json.WriteString("decision", row.Decision);
        json.WriteNumber("pipeline_us", row.PipelineMicroseconds);
        if (outcome is not null)
            json.WriteNumber("backend_us", outcome.BackendMicroseconds);
        json.WriteString("identified_by", entry.IdentifiedBy);
        json.WriteString("session", entry.Session);
        json.WriteString("backend", entry.Backend);
        json.WriteString("method", entry.Method);
        json.WriteString("target", entry.Target);
        json.WriteString("direction", entry.Direction);
        json.WriteString("arguments_hash", entry.ArgumentsHash);
        json.WriteString("held_id", outcome is { HeldId.Length: > 0 } ? outcome.HeldId : entry.HeldId);
        json.WriteString("detail", outcome is { Detail.Length: > 0 } ? outcome.Detail : entry.Detail);
        json.WritePropertyName("findings");
        FindingsJson.Write(json, entry.Findings);
        json.WritePropertyName("result_findings");
        FindingsJson.Write(json, outcome?.Findings ?? []);
        json.WriteEndObject();
    }
}
