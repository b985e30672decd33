using System.Globalization;
using System.Text;
using System.Text.Json;
using Oktsec.Storage;

namespace Oktsec.Commands;

/// <summary>How dead letters look in <c>oktsec webhooks</c>.</summary>
internal static class DeadLetterText
{
    public static readonly (string, int)[] Columns = [("ID", 4), ("TIME", 24), ("WEBHOOK", 12), ("EVENT", 11), ("RECORD", 8), ("ATTEMPTS", 8), ("ERROR", 0)];

    public static string[] Cells(DeadLetter letter) =>
    [
        letter.Sequence.ToString(CultureInfo.InvariantCulture), LogRow.Time(letter.Time), TerminalText.Escape(letter.Webhook), letter.Event,
        letter.AuditId.Length > 8 ? letter.AuditId[..8] : letter.AuditId.Length > 0 ? letter.AuditId : "-",
        letter.Attempts.ToString(CultureInfo.InvariantCulture), TerminalText.Escape(letter.Error),
    ];

    public static string Json(DeadLetter letter)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes)) // ASCII only, as in LogRow.Json
        {
            json.WriteStartObject();
            json.WriteNumber("id", letter.Sequence);
            json.WriteString("time", LogRow.Time(letter.Time));
            json.WriteString("webhook", letter.Webhook);
            json.WriteString("event", letter.Event);
            json.WriteString("record", letter.AuditId);
            json.WriteNumber("attempts", letter.Attempts);
            json.WriteString("error", letter.Error);
            json.WritePropertyName("body");
            WriteBody(json, letter.Body);
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
    }

    private static void WriteBody(Utf8JsonWriter json, byte[] body)
    {
        try
        {
            using var parsed = JsonDocument.Parse(body);
            parsed.RootElement.WriteTo(json);
        }
        catch (JsonException)
        {
            json.WriteNullValue(); // damaged in the file; the rest of the row still helps
        }
    }
}
