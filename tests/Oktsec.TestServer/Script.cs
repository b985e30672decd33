using System.Text.Json;

namespace Oktsec.TestServer;

/// <summary>The file of <c>--script</c>.</summary>
internal sealed class Script
{
    private readonly JsonElement _root;

    private Script(JsonElement root) => _root = root;

    public string Name => Text("name") ?? "oktsec-test-server";

    public string Version => Text("version") ?? "1.0.0";

    public string? Instructions => Text("instructions");

    public string? ProtocolVersion => Text("protocolVersion");

    public string? Capabilities => Raw("capabilities");

    public int PageSize => _root.TryGetProperty("pageSize", out var size) ? size.GetInt32() : int.MaxValue;

    /// <summary>The values of every completion.</summary>
    public string Completions => Raw("completions") ?? """["alpha","beta"]""";

    /// <summary>The statusMessage of every task.</summary>
    public string TaskMessage => Text("taskMessage") ?? "working on it";

    /// <summary>The result of a method of an extension (2026-07-28), or null.</summary>
    public string? Answer(string method) => _root.TryGetProperty("answers", out var answers) && answers.TryGetProperty(method, out var result) ? result.GetRawText() : null;

    public bool OnlyScript => _root.TryGetProperty("onlyScript", out var only) && only.GetBoolean();

    public static Script Load(string? file) =>
        new(JsonDocument.Parse(file is null ? "{}" : File.ReadAllText(file)).RootElement);

    /// <summary>The entries of a list, such as <c>tools</c>.</summary>
    public IEnumerable<ScriptEntry> List(string name) =>
        _root.TryGetProperty(name, out var list) ? list.EnumerateArray().Select(entry => new ScriptEntry(entry)) : [];

    private string? Text(string name) => _root.TryGetProperty(name, out var value) ? value.GetString() : null;

    private string? Raw(string name) => _root.TryGetProperty(name, out var value) ? value.GetRawText() : null;
}

/// <summary>One tool, resource, template or prompt of a script.</summary>
internal sealed class ScriptEntry(JsonElement json)
{
    public string Name => Text("name");

    public string Uri => Text("uri");

    /// <summary>The entry without its answers, member by member as spelled.</summary>
    public string Definition { get; } = "{" + string.Join(
        ',',
        json.EnumerateObject().Where(member => !member.Name.StartsWith("x-", StringComparison.Ordinal)).Select(member => member.ToString())) + "}";

    /// <summary>The raw answer under <c>x-NAME</c>, or null.</summary>
    public string? Answer(string name) => json.TryGetProperty("x-" + name, out var value) ? value.GetRawText() : null;

    public JsonElement Member(string name) => json.TryGetProperty("x-" + name, out var value) ? value : default;

    /// <summary>The raw messages under <c>x-NAME</c>.</summary>
    public IEnumerable<string> Messages(string name) =>
        Member(name) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray().Select(message => message.GetRawText()) : [];

    private string Text(string name) => json.TryGetProperty(name, out var value) ? value.GetString() ?? "" : "";
}
