using System.Text;
using System.Text.Json;
using Oktsec.Core.Quarantine;
using Oktsec.Storage;

namespace Oktsec.Commands;

/// <summary>How held items look in <c>oktsec quarantine</c>.</summary>
internal static class HeldText
{
    public static readonly (string, int)[] Columns =
        [("ID", 10), ("AGENT", 14), ("TARGET", 18), ("WHAT", 7), ("STATE", 8), ("EXPIRES", 24), ("RULES", 0)];

    public static string[] Cells(HeldItem item) =>
    [
        item.Id, TerminalText.Escape(item.Agent), TerminalText.Escape(item.Target), item.What, item.State, LogRow.Time(item.Expires), Rules(item),
    ];

    /// <summary>Everything, the content last: unmasked, since a person decides by it, and escaped, since it may be an attack on the terminal.</summary>
    public static void Write(TextWriter output, HeldItem item, byte[] content)
    {
        output.WriteLine($"id         {item.Id}");
        output.WriteLine($"state      {item.State}");
        output.WriteLine($"agent      {TerminalText.Escape(item.Agent)}");
        output.WriteLine($"target     {TerminalText.Escape(item.Target)}");
        if (item.Backend.Length > 0)
            output.WriteLine($"backend    {TerminalText.Escape(item.Backend)}");
        output.WriteLine($"what       {item.What}");
        output.WriteLine($"held       {LogRow.Time(item.Time)}");
        output.WriteLine($"expires    {LogRow.Time(item.Expires)}");
        output.WriteLine($"record     {item.AuditId}");
        foreach (var finding in item.Findings)
            output.WriteLine($"finding    {TerminalText.Escape($"{finding.RuleId} {finding.RuleName} ({FindingsJson.Word(finding.Severity)}) at {finding.Field}: {finding.Match}")}");
        output.WriteLine($"content    {content.Length} bytes");
        output.WriteLine();
        output.WriteLine(TerminalText.EscapeLines(Encoding.UTF8.GetString(content)));
    }

    /// <param name="item">The item.</param>
    /// <param name="content">Null leaves it out. What is not UTF-8 goes out in base64.</param>
    public static string Json(HeldItem item, byte[]? content)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes)) // ASCII only, as in LogRow.Json
        {
            json.WriteStartObject();
            json.WriteString("id", item.Id);
            json.WriteString("state", item.State);
            json.WriteString("agent", item.Agent);
            json.WriteString("backend", item.Backend);
            json.WriteString("target", item.Target);
            json.WriteString("what", item.What);
            json.WriteString("time", LogRow.Time(item.Time));
            json.WriteString("expires", LogRow.Time(item.Expires));
            json.WriteString("record", item.AuditId);
            json.WriteString("arguments_hash", item.ArgumentsHash);
            json.WritePropertyName("findings");
            FindingsJson.Write(json, item.Findings);
            if (content is not null && System.Text.Unicode.Utf8.IsValid(content))
                json.WriteString("content", content);
            else if (content is not null)
                json.WriteBase64String("content_base64", content);
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
    }

    private static string Rules(HeldItem item) =>
        item.Findings.Count == 0 ? "-" : string.Join(',', item.Findings.Select(f => TerminalText.Escape(f.RuleId)).Distinct());
}
