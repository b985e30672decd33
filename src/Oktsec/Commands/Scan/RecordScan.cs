using System.Buffers;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Oktsec.Scanning;

namespace Oktsec.Commands.Scan;

/// <summary>Scans records one per line and writes a verdict per line, in order.</summary>
internal sealed class RecordScan(ContentScanner scanner, Place fallback)
{
    // A tool's name is read once into what it says; a stream of ever new names must not fill the memory.
    private const int MaxTools = 10_000;

    private readonly Dictionary<string, ScanHints> _hints = [];
    private byte[] _scratch = new byte[1 << 16];

    /// <summary>Something was flagged or more.</summary>
    public bool IsFound { get; private set; }

    /// <summary>False after naming the line that is no record.</summary>
    public bool Run(string name, Stream input, Stream output, TextWriter error)
    {
        // The stream stays open: more files may follow.
        var buffered = new BufferedStream(output, 1 << 16);
        var lines = new RecordLines(input, buffered.Flush);
        var buffer = new ArrayBufferWriter<byte>(1024);
        using var writer = new Utf8JsonWriter(buffer);
        while (lines.TryNext(out var line))
        {
            if (lines.Number == 1 && line.StartsWith(Encoding.UTF8.Preamble))
                line = line[3..];
            if (line.IsWhiteSpace())
                continue;
            try
            {
                Judge(Utf8.IsValid(line) ? line : Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(line)), writer);
            }
            catch (JsonException e)
            {
                buffered.Flush();
                error.WriteLine($"oktsec: {TerminalText.Escape(name)}:{lines.Number}: not a record: {TerminalText.Escape(Reason(e))}; write {{\"id\",\"kind\",\"tool\"?,\"json\"?|\"text\"?}} on one line");
                return false;
            }
            writer.Reset();
            buffered.Write(buffer.WrittenSpan);
            buffered.WriteByte((byte)'\n');
            buffer.ResetWrittenCount();
        }
        buffered.Flush();
        return true;
    }

    private void Judge(ReadOnlySpan<byte> line, Utf8JsonWriter writer)
    {
        var record = ScanRecord.Read(line, fallback, ref _scratch);
        var hints = HintsOf(record.Tool);
        var start = Stopwatch.GetTimestamp();
        var result = record.IsJson ? scanner.ScanJson(record.Content, record.Place, hints) : scanner.ScanText(record.Content, record.Place, hints);
        var micros = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
        IsFound |= ScanVerdict.IsFound(result);

        writer.WriteStartObject();
        writer.WritePropertyName("id"u8);
        writer.WriteRawValue(record.Id, skipInputValidation: true);
        writer.WriteString("verdict"u8, ScanVerdict.Of(result));
        writer.WriteStartArray("rules"u8);
        foreach (var rule in result.Findings.Select(finding => finding.RuleId).Distinct())
            writer.WriteStringValue(rule);
        if (result.IsBudgetExhausted)
            writer.WriteStringValue(ScanVerdict.BudgetRule);
        writer.WriteEndArray();
        writer.WriteNumber("micros"u8, (long)Math.Round(micros));
        writer.WriteEndObject();
        writer.Flush();
    }

    // The reader counts lines of the record, which has one.
    private static string Reason(JsonException e) =>
        e.BytePositionInLine is { } at && e.Message.IndexOf(" LineNumber:", StringComparison.Ordinal) is > 0 and var end ? $"{e.Message[..end].TrimEnd('.')} (byte {at + 1})" : e.Message;

    private ScanHints HintsOf(string tool)
    {
        if (tool.Length == 0)
            return ScanHints.None;
        if (_hints.TryGetValue(tool, out var hints))
            return hints;
        if (_hints.Count >= MaxTools)
            _hints.Clear();
        return _hints[tool] = new ScanHints { Tool = tool };
    }
}

file static class Bytes
{
    public static bool IsWhiteSpace(this ReadOnlySpan<byte> line) => line.Trim(" \t\r"u8).IsEmpty;
}
