using System.Buffers;
using System.Text;
using System.Text.Json;
using Oktsec.Configuration;
using Oktsec.Core.Configuration;

namespace Oktsec.Commands;

/// <summary>A verification for programs.</summary>
internal static class VerifyJson
{
    private static readonly JsonWriterOptions s_options = new() { Indented = true };

    public static void Write(Verification verification, TextWriter output)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, s_options))
            Write(verification, json);
        output.WriteLine(Encoding.UTF8.GetString(buffer.WrittenSpan));
    }

    private static void Write(Verification verification, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteBoolean("usable", verification.Errors == 0);
        json.WriteNumber("errors", verification.Errors);
        json.WriteNumber("warnings", verification.Warnings);
        json.WriteStartArray("problems");
        foreach (var problem in verification.Problems)
            WriteProblem(problem, json);
        json.WriteEndArray();
        if (verification.Config is { } config)
            WriteSummary(verification.Loaded, config, json);
        json.WriteEndObject();
    }

    private static void WriteProblem(ConfigProblem problem, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("kind", problem.Kind == ProblemKind.Error ? "error" : "warning");
        json.WriteString("file", problem.File);
        json.WriteNumber("line", problem.Line);
        json.WriteNumber("column", problem.Column);
        json.WriteString("path", problem.Path);
        json.WriteString("message", problem.Message);
        json.WriteString("remedy", problem.Remedy);
        json.WriteEndObject();
    }

    private static void WriteSummary(ConfigLoadResult loaded, OktsecConfig config, Utf8JsonWriter json)
    {
        json.WriteString("file", config.SourcePath);
        json.WriteString("gateway", ConfigSummary.Gateway(config));
        json.WriteString("db_path", config.DbPath);
        json.WriteBoolean("serves_unknown_agents", config.Agents.Count == 0 || config.DefaultAllow);
        json.WriteStartArray("not_enforced");
        foreach (var key in config.NotEnforced)
            json.WriteStringValue(key);
        json.WriteEndArray();
        WriteRows("servers", ["name", "transport", "where"], ConfigSummary.Backends(loaded), json);
        json.WriteStartArray("agents");
        foreach (var agent in config.Agents.Values)
            WriteAgent(agent, json);
        json.WriteEndArray();
        WriteRows("rules", ["id", "change", "scope", "notify"], ConfigSummary.Rules(config), json);
        WriteRows("webhooks", ["name", "format", "url", "events"], ConfigSummary.Webhooks(config), json);
    }

    private static void WriteAgent(AgentConfig agent, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("name", agent.Name);
        json.WriteBoolean("suspended", agent.Suspended);
        WriteList("allowed_tools", agent.AllowedTools, json);
        WriteList("denied_tools", agent.DeniedTools, json);
        WriteList("allowed_resources", agent.AllowedResources, json);
        WriteList("allowed_prompts", agent.AllowedPrompts, json);
        WriteList("blocked_content", agent.BlockedContent, json);
        json.WriteEndObject();
    }

    private static void WriteList(string name, IReadOnlyList<string> items, Utf8JsonWriter json)
    {
        json.WriteStartArray(name);
        foreach (var item in items)
            json.WriteStringValue(item);
        json.WriteEndArray();
    }

    private static void WriteRows(string name, string[] keys, IEnumerable<string[]> rows, Utf8JsonWriter json)
    {
        json.WriteStartArray(name);
        foreach (var row in rows)
        {
            json.WriteStartObject();
            foreach (var (key, value) in keys.Zip(row))
                json.WriteString(key, value);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }
}
