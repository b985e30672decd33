using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Oktsec.Scanning;

namespace Oktsec.Storage;

/// <summary>Findings as compact JSON, defaults left out. What <c>logs --json</c> prints and the store keeps.</summary>
internal static class FindingsJson
{
    // A text can hold a match every few bytes; a record must not grow to megabytes by it. The strongest are kept.
    public const int MaxStored = 256;

    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>A writer to keep and reuse: one per connection.</summary>
    public static Utf8JsonWriter CreateWriter(IBufferWriter<byte> output) => new(output, Compact);

    public static void Write(Utf8JsonWriter json, IReadOnlyList<Finding> findings)
    {
        if (findings.Count > MaxStored)
            findings = [.. findings.OrderByDescending(f => f.Severity).Take(MaxStored)];
        json.WriteStartArray();
        foreach (var finding in findings)
        {
            json.WriteStartObject();
            json.WriteString("rule"u8, finding.RuleId);
            json.WriteString("name"u8, finding.RuleName);
            json.WriteString("category"u8, finding.Category);
            if (finding.AlsoCategories.Count > 0)
            {
                json.WriteStartArray("also"u8);
                foreach (var category in finding.AlsoCategories)
                    json.WriteStringValue(category);
                json.WriteEndArray();
            }
            json.WriteString("severity"u8, Word(finding.Severity));
            json.WriteString("action"u8, Word(finding.Action));
            json.WriteString("field"u8, WellFormed(finding.Field));
            json.WriteNumber("start"u8, finding.Start);
            json.WriteNumber("length"u8, finding.Length);
            WriteUnlessEmpty(json, "via"u8, finding.Via);
            WriteUnlessEmpty(json, "match"u8, WellFormed(finding.Match));
            if (finding.IsSensitive)
                json.WriteBoolean("sensitive"u8, true);
            WriteUnlessEmpty(json, "redact_as"u8, finding.RedactAs);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.Flush();
    }

    public static IReadOnlyList<Finding> Read(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length <= 2)
            return [];
        var findings = new List<Finding>();
        var json = new Utf8JsonReader(utf8);
        while (json.Read())
        {
            if (json.TokenType == JsonTokenType.StartObject)
                findings.Add(ReadOne(ref json));
        }
        return findings;
    }

    public static string Word(Severity severity) => severity switch
    {
        Severity.Low => "low",
        Severity.Medium => "medium",
        Severity.High => "high",
        Severity.Critical => "critical",
        _ => throw new ArgumentOutOfRangeException(nameof(severity)),
    };

    public static string Word(RuleAction action) => action switch
    {
        RuleAction.Log => "log",
        RuleAction.Flag => "flag",
        RuleAction.Strip => "strip",
        RuleAction.Redact => "redact",
        RuleAction.Quarantine => "quarantine",
        RuleAction.Block => "block",
        _ => throw new ArgumentOutOfRangeException(nameof(action)),
    };

    private static Finding ReadOne(ref Utf8JsonReader json)
    {
        var finding = new Finding
        {
            RuleId = "", RuleName = "", Category = "", Severity = Severity.Low, Action = RuleAction.Log, Field = "", Start = 0, Length = 0,
        };
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var name = json.GetString();
            json.Read();
            finding = name switch
            {
                "rule" => finding with { RuleId = json.GetString()! },
                "name" => finding with { RuleName = json.GetString()! },
                "category" => finding with { Category = json.GetString()! },
                "also" => finding with { AlsoCategories = ReadStrings(ref json) },
                "severity" => finding with { Severity = Enum.Parse<Severity>(json.GetString()!, ignoreCase: true) },
                "action" => finding with { Action = Enum.Parse<RuleAction>(json.GetString()!, ignoreCase: true) },
                "field" => finding with { Field = json.GetString()! },
                "start" => finding with { Start = json.GetInt32() },
                "length" => finding with { Length = json.GetInt32() },
                "via" => finding with { Via = json.GetString()! },
                "match" => finding with { Match = json.GetString()! },
                "sensitive" => finding with { IsSensitive = json.GetBoolean() },
                "redact_as" => finding with { RedactAs = json.GetString()! },
                _ => finding,
            };
            json.Skip(); // a newer version's object or array; nothing for a value already read
        }
        return finding;
    }

    private static List<string> ReadStrings(ref Utf8JsonReader json)
    {
        var strings = new List<string>();
        while (json.Read() && json.TokenType == JsonTokenType.String)
            strings.Add(json.GetString()!);
        return strings;
    }

    private static void WriteUnlessEmpty(Utf8JsonWriter json, ReadOnlySpan<byte> name, string value)
    {
        if (value.Length > 0)
            json.WriteString(name, value);
    }

    /// <summary>Half a surrogate pair, cut off or sent on purpose, makes the JSON writer throw: it becomes U+FFFD.</summary>
    private static string WellFormed(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsSurrogate(text[i]))
                return Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
        }
        return text;
    }
}
