using System.Buffers;
using System.CommandLine;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Oktsec.Scanning;
using Oktsec.Scanning.Rules;

namespace Oktsec.Commands;

/// <summary><c>oktsec scan</c>: scans records or files outside any gateway.</summary>
internal static class ScanCommand
{
    public static Command Create()
    {
        var lines = new Option<bool>("--jsonl") { Description = "Read records {\"id\",\"kind\",\"tool\"?,\"json\"?|\"text\"?} from standard input, write one verdict per line." };
        var command = new Command("scan", "Scan content with the rules.") { lines };
        command.SetAction(parsed =>
        {
            using var input = Console.OpenStandardInput();
            using var output = new BufferedStream(Console.OpenStandardOutput(), 1 << 16);
            return ScanLines(new ContentScanner(RuleSet.BuiltIn()), input, output) ? ExitCodes.Failure : ExitCodes.Fine;
        });
        return command;
    }

    /// <summary>True when something was found.</summary>
    private static bool ScanLines(ContentScanner scanner, Stream input, Stream output)
    {
        using var reader = new StreamReader(input, Encoding.UTF8);
        var any = false;
        var buffer = new ArrayBufferWriter<byte>();
        while (reader.ReadLine() is { } line)
        {
            if (line.Length == 0)
                continue;
            using var record = JsonDocument.Parse(line);
            var root = record.RootElement;
            var place = root.GetProperty("kind").GetString() switch { "description" => Place.Definition, "result" => Place.Result, _ => Place.Arguments };
            var hints = new ScanHints { Tool = root.TryGetProperty("tool", out var tool) ? tool.GetString() ?? "" : "" };
            var isJson = root.TryGetProperty("json", out var json);
            var bytes = Encoding.UTF8.GetBytes(isJson ? json.GetRawText() : root.GetProperty("text").GetString() ?? "");
            var start = Stopwatch.GetTimestamp();
            var result = isJson ? scanner.ScanJson(bytes, place, hints) : scanner.ScanText(bytes, place, hints);
            var micros = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
            buffer.ResetWrittenCount();
            using (var writer = new Utf8JsonWriter(buffer))
                Write(writer, root.GetProperty("id"), result, micros);
            output.Write(buffer.WrittenSpan);
            output.WriteByte((byte)'\n');
            any |= !result.IsClean;
        }
        return any;
    }

    private static void Write(Utf8JsonWriter writer, JsonElement id, ScanResult result, double micros)
    {
        writer.WriteStartObject();
        writer.WritePropertyName("id");
        id.WriteTo(writer);
        writer.WriteString("verdict", Verdict(result));
        writer.WriteStartArray("rules");
        foreach (var rule in result.Findings.Select(finding => finding.RuleId).Distinct())
            writer.WriteStringValue(rule);
        if (result.IsBudgetExhausted)
            writer.WriteStringValue("scan_budget_exceeded");
        writer.WriteEndArray();
        writer.WriteNumber("micros", (long)Math.Round(micros));
        writer.WriteEndObject();
    }

    private static string Verdict(ScanResult result)
    {
        var strongest = result.Findings.Count > 0 ? result.Findings.Max(finding => finding.Action) : RuleAction.Log;
        if (result.IsBudgetExhausted && strongest < RuleAction.Quarantine)
            strongest = RuleAction.Quarantine;
        return strongest switch
        {
            RuleAction.Block => "block",
            RuleAction.Quarantine => "quarantine",
            RuleAction.Log => "allow",
            _ => "flag",
        };
    }
}
