using System.Text.Json;
using Oktsec.Core.Identity;

namespace Oktsec.Commands;

/// <summary>Tokens as people and scripts read them.</summary>
internal static class TokenText
{
    private static readonly (string, int)[] s_columns = [("ID", 8), ("AGENT", 14), ("STATE", 7), ("CREATED", 20), ("EXPIRES", 20), ("REVOKED", 0)];

    /// <summary>A fresh token: the only time it is shown.</summary>
    public static void Show(TextWriter output, AgentToken token, string secret, bool isJson)
    {
        if (isJson)
        {
            JsonOutput.Print(output, json =>
            {
                json.WriteStartObject();
                json.WriteString("id", token.Id);
                json.WriteString("agent", token.Agent);
                json.WriteString("token", secret);
                json.WriteString("expires", token.Expires is { } end ? Time(end) : null);
                json.WriteEndObject();
            });
            return;
        }
        output.WriteLine($"A token for {token.Agent}. It is shown now and never again:");
        output.WriteLine();
        output.WriteLine($"  {secret}");
        output.WriteLine();
        output.WriteLine($"  send     Authorization: Bearer {TokenSecret.Prefix}...");
        output.WriteLine($"  expires  {(token.Expires is { } time ? Time(time) : "never")}");
        output.WriteLine($"  end it   oktsec tokens revoke {token.Id}");
    }

    public static void List(TextWriter output, IReadOnlyList<AgentToken> tokens, DateTimeOffset now, bool isJson)
    {
        if (isJson)
        {
            foreach (var token in tokens)
                output.WriteLine(Line(token, now));
            return;
        }
        var table = new TextTable(output, s_columns);
        var rows = tokens.Select(t => new[]
        {
            t.Id, TerminalText.Escape(t.Agent), t.StateAt(now), Time(t.Created), t.Expires is { } end ? Time(end) : "never", t.Revoked is { } gone ? Time(gone) : "-",
        }).ToArray();
        table.Fit(rows);
        table.WriteHeading();
        foreach (var row in rows)
            table.Write(row);
    }

    private static string Line(AgentToken token, DateTimeOffset now)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("id", token.Id);
            json.WriteString("agent", token.Agent);
            json.WriteString("state", token.StateAt(now));
            json.WriteString("created", Time(token.Created));
            json.WriteString("expires", token.Expires is { } end ? Time(end) : null);
            json.WriteString("revoked", token.Revoked is { } gone ? Time(gone) : null);
            json.WriteEndObject();
        }
        return System.Text.Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
}
