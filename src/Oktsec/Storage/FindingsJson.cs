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

    // In the order of the enumerations.
    private static readonly string[] s_severities = ["low", "medium", "high", "critical"];
    private static readonly string[] s_actions = ["log", "flag", "strip", "redact", "quarantine", "block"];

    private static readonly Finding s_unreadable = new()
    {
        RuleId = "unreadable",
        RuleName = "unreadable",
        Category = "",
        Severity = Severity.Low,
        Action = RuleAction.Log,
        Field = "",
        Start = 0,
        Length = 0,
    };

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

    /// <summary>Never throws: a damaged value in one row must not hide the others. It reads as one finding called unreadable.</summary>
    public static IReadOnlyList<Finding> Read(ReadOnlySpan<byte> utf8)
    {
        if (utf8.SequenceEqual("[]"u8))
            return [];
        var findings = new List<Finding>();
        try
        {
            var json = new Utf8JsonReader(utf8);
            while (json.Read())
            {
                if (json.TokenType == JsonTokenType.StartObject)
                    findings.Add(ReadOne(ref json));
            }
            return findings;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return [s_unreadable];
        }
    }

    public static string Word(Severity severity) => s_severities[(int)severity];

    public static string Word(RuleAction action) => s_actions[(int)action];

    private static Finding ReadOne(ref Utf8JsonReader json)
    {
        var finding = s_unreadable;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var name = json.GetString();
            json.Read();
            finding = name switch
            {
                "rule" => finding with { RuleId = json.GetString() ?? "" },
                "name" => finding with { RuleName = json.GetString() ?? "" },
                "category" => finding with { Category = json.GetString() ?? "" },
                "also" => finding with { AlsoCategories = ReadStrings(ref json) },
                "severity" => finding with { Severity = (Severity)IndexOf(s_severities, json.GetString()) },
                "action" => finding with { Action = (RuleAction)IndexOf(s_actions, json.GetString()) },
                "field" => finding with { Field = json.GetString() ?? "" },
                "start" => finding with { Start = json.GetInt32() },
                "length" => finding with { Length = json.GetInt32() },
                "via" => finding with { Via = json.GetString() ?? "" },
                "match" => finding with { Match = json.GetString() ?? "" },
                "sensitive" => finding with { IsSensitive = json.GetBoolean() },
                "redact_as" => finding with { RedactAs = json.GetString() ?? "" },
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
            strings.Add(json.GetString() ?? "");
        return strings;
    }

    private static int IndexOf(string[] words, string? word) =>
        Array.IndexOf(words, word) is >= 0 and var index ? index : throw new FormatException("an unknown word");

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
