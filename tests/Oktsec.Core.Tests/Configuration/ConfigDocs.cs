using System.Text;
using System.Text.RegularExpressions;
using Oktsec.Core.Configuration.Schema;
using Oktsec.Core.Configuration.Sections;

namespace Oktsec.Core.Tests.Configuration;

/// <summary>The tables of docs/configuration.md, written from the list of keys.</summary>
internal static partial class ConfigDocs
{
    public static string Path { get; } = System.IO.Path.Join(Repository.Root, "docs/configuration.md");

    /// <summary>The text with every table between <c>&lt;!-- keys: NAME --&gt;</c> and <c>&lt;!-- /keys --&gt;</c> written anew.</summary>
    public static string WithTables(string text) =>
        TableRegex().Replace(text, match => $"<!-- keys: {match.Groups[1].Value} -->\n{Table(match.Groups[1].Value)}<!-- /keys -->");

    /// <summary>The keys that no table of the text shows.</summary>
    public static IEnumerable<string> Missing(string text)
    {
        var shown = TableRegex().Matches(text).SelectMany(match => Keys(match.Groups[1].Value)).Select(key => key.Path).ToHashSet(StringComparer.Ordinal);
        return ConfigKeys.All.Select(key => key.Path).Where(path => !shown.Contains(path));
    }

    private static IEnumerable<ConfigKey> Keys(string table) => table switch
    {
        "gateway" => GatewaySection.Keys,
        "identity" => IdentitySection.Keys,
        "mcp_servers" => BackendSection.Keys,
        "agents" => AgentSection.Keys,
        "rules" => RuleSection.Keys,
        "webhooks" => WebhookSection.Keys,
        "top" => TopSection.Keys,
        "limits" => LimitsSection.Keys,
        "compat" => CompatKeys.Keys,
        _ => throw new ArgumentException($"docs/configuration.md asks for an unknown table: {table}"),
    };

    private static string Table(string name)
    {
        var table = new StringBuilder();
        if (name == "compat")
        {
            table.Append("| key | what happens |\n|---|---|\n");
            foreach (var key in Keys(name).Where(key => key.Notice.Length > 0 || key.Canonical.Length > 0))
                table.Append($"| `{key.Path}` | {(key.Canonical.Length > 0 ? $"read as `{key.Canonical}`" : Cell(key.Notice))} |\n");
            return table.ToString();
        }
        table.Append("| key | type | default | example | meaning |\n|---|---|---|---|---|\n");
        foreach (var key in Keys(name))
            table.Append($"| `{key.Path}` | {Cell(TypeOf(key))} | {Code(key.Default)} | {Code(key.Example)} | {Cell(key.Doc)}{(key.Required ? " Required." : "")} |\n");
        return table.ToString();
    }

    private static string TypeOf(ConfigKey key) => key.Type switch
    {
        KeyType.Choice => string.Join(" or ", key.Choices.Select(choice => $"`{choice}`")),
        KeyType.Flag => "`true` or `false`",
        KeyType.Number => "number" + (key.Max == int.MaxValue ? $", at least {key.Min}" : $", {key.Min} to {key.Max}"),
        KeyType.Port => "port or `auto`",
        KeyType.Size => "bytes",
        KeyType.Duration => $"duration, {ScalarReader.UnitName(key.Unit)}",
        KeyType.Path => "path",
        KeyType.Url => "URL",
        KeyType.Texts => "list of texts",
        KeyType.TextMap => "names to texts",
        KeyType.Section => "block",
        KeyType.NamedSections => "names to blocks",
        KeyType.Sections => "list of blocks",
        _ => "text",
    };

    private static string Code(string text) => text.Length == 0 ? "" : $"`{Cell(text)}`";

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);

    [GeneratedRegex("<!-- keys: ([a-z_]+) -->\n(?:.*\n)*?<!-- /keys -->", RegexOptions.NonBacktracking)]
    private static partial Regex TableRegex();
}
