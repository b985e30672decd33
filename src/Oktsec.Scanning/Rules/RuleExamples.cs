using System.Buffers;
using System.Text;
using System.Text.Json;
using Oktsec.Scanning.Fields;

namespace Oktsec.Scanning.Rules;

/// <summary>Runs a rule's examples as content of the kind the rule reads.</summary>
public static class RuleExamples
{
    /// <summary>A plain example of a rule that reads certain fields becomes the value of a field of that role.</summary>
    public static ScanResult Scan(ContentScanner scanner, Rule rule, RuleExample example)
    {
        var place = example.Place ?? rule.Where[0];
        var hints = new ScanHints { Tool = example.Tool.Length > 0 ? example.Tool : ToolFor(rule.Tools), OtherTools = example.OtherTools };
        if (example.IsJson)
            return scanner.ScanJson(Encoding.UTF8.GetBytes(example.Text), place, hints);
        if (place == Place.Result)
            return scanner.ScanText(Encoding.UTF8.GetBytes(example.Text), place, hints);
        return scanner.ScanJson(Wrap(FieldFor(place, rule.Fields), example.Text), place, hints);
    }

    private static ReadOnlySpan<byte> Wrap(string name, string text)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(output))
        {
            writer.WriteStartObject();
            writer.WriteString(name, text);
            writer.WriteEndObject();
        }
        return output.WrittenSpan;
    }

    private static string FieldFor(Place place, FieldRoles roles) =>
        place == Place.Definition ? "description"
        : roles.HasFlag(FieldRoles.Sql) ? "sql"
        : roles.HasFlag(FieldRoles.Path) ? "path"
        : roles.HasFlag(FieldRoles.Url) ? "url"
        : roles.HasFlag(FieldRoles.Command) ? "command"
        : roles.HasFlag(FieldRoles.Code) ? "code"
        : roles.HasFlag(FieldRoles.Template) ? "template"
        : roles.HasFlag(FieldRoles.Identifier) ? "name"
        : "text";

    private static string ToolFor(ToolClasses tools) =>
        tools.HasFlag(ToolClasses.Exec) ? "run_command"
        : tools.HasFlag(ToolClasses.Sql) ? "execute_sql"
        : tools.HasFlag(ToolClasses.FsWrite) ? "write_file"
        : tools.HasFlag(ToolClasses.FsRead) ? "read_file"
        : tools.HasFlag(ToolClasses.Http) ? "fetch_url"
        : tools.HasFlag(ToolClasses.Message) ? "send_message"
        : tools.HasFlag(ToolClasses.Content) ? "create_issue"
        : "";
}
