using System.Text.Json.Nodes;

namespace Oktsec.Tests.Peers;

/// <summary>How to reach one MCP server: a command to start, or an address.</summary>
/// <param name="Transport"><c>stdio</c>, <c>http</c> (Streamable HTTP) or <c>sse</c> (legacy HTTP+SSE), as in <c>mcp_servers:</c>.</param>
internal sealed record PeerTarget(string Transport)
{
    public string Command { get; init; } = "";

    public IReadOnlyList<string> Args { get; init; } = [];

    public IReadOnlyDictionary<string, string> Env { get; init; } = new Dictionary<string, string>();

    public Uri? Url { get; init; }

    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    public static PeerTarget Stdio(string command, params string[] args) => new("stdio") { Command = command, Args = args };

    public static PeerTarget Http(Uri url) => new("http") { Url = url };

    /// <summary>The entry of <c>mcp_servers:</c> that reaches it. YAML is a superset of JSON, so every value is written as JSON.</summary>
    public string ToYaml(string name)
    {
        // A busy machine takes its time to start Node.js; what is compared is not how soon.
        var entry = new JsonObject { ["transport"] = Transport, ["start_timeout"] = 300 };
        if (Url is not null)
            entry["url"] = Url.ToString();
        if (Command.Length > 0)
        {
            entry["command"] = Command;
            entry["args"] = new JsonArray([.. Args.Select(a => JsonValue.Create(a))]);
        }
        if (Env.Count > 0)
            entry["env"] = new JsonObject(Env.Select(e => KeyValuePair.Create(e.Key, (JsonNode?)e.Value)));
        return $"  {name}: {entry.ToJsonString()}\n";
    }
}
