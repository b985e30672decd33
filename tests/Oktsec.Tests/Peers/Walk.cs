using System.Text.Json.Nodes;

namespace Oktsec.Tests.Peers;

/// <summary>Drives one server through one client: lists everything, calls everything, reads everything, and keeps what came back.</summary>
internal sealed class Walk
{
    private readonly IPeerClient _client;
    private readonly WalkPlan _plan;
    private readonly Exposure _exposure;
    private readonly WalkRecord _record = new();
    private int _token;

    private Walk(IPeerClient client, WalkPlan plan, Exposure exposure) => (_client, _plan, _exposure) = (client, plan, exposure);

    public HeardMessages Heard => _client.Heard;

    /// <summary>The walk that a client takes directly: the measure of every other.</summary>
    public static Task<WalkRecord> DirectAsync(IPeerClient client, WalkPlan plan) => RunAsync(client, plan, Exposure.Unchanged, null);

    /// <summary>The same walk through a gateway that has this backend only.</summary>
    public static Task<WalkRecord> ThroughAsync(IPeerClient client, WalkPlan plan, WalkRecord direct) =>
        RunAsync(client, plan, Exposure.Unchanged, direct);

    /// <summary>The same walk through a gateway with several backends: initialize is the gateway's own there.</summary>
    public static Task<WalkRecord> AmongOthersAsync(IPeerClient client, WalkPlan plan, Exposure exposure, WalkRecord direct) =>
        RunAsync(client, plan, exposure, direct);

    /// <summary>One request, under a name of its own in the record.</summary>
    public async Task<JsonNode> AskAsync(string key, string method, JsonObject? parameters = null, int? cancelAfterProgress = null)
    {
        var answer = (await _client.AskAsync(method, parameters, cancelAfterProgress)).ToJson();
        _record.Add(key, answer);
        return answer;
    }

    /// <summary>A request whose answer is no part of the comparison.</summary>
    public Task<Answer> AskUnrecordedAsync(string method, JsonObject? parameters = null) => _client.AskAsync(method, parameters);

    public Task NotifyAsync(string method, JsonObject? parameters = null) => _client.NotifyAsync(method, parameters);

    public Task<JsonNode> CallAsync(string key, string tool, JsonObject arguments, JsonObject? more = null, int? cancelAfterProgress = null)
    {
        var parameters = more ?? [];
        parameters["name"] = _exposure.Tool(tool);
        parameters["arguments"] = arguments.DeepClone();
        // Both spellings that the protocol allows for a token, in turn.
        var token = ++_token;
        parameters["_meta"] = new JsonObject { ["progressToken"] = token % 2 == 0 ? token : "token-" + token };
        return AskAsync(key, "tools/call", parameters, cancelAfterProgress);
    }

    public Task<JsonNode> ReadAsync(string key, string uri) => AskAsync(key, "resources/read", new JsonObject { ["uri"] = _exposure.Uri(uri) });

    public string ExposedUri(string uri) => _exposure.Uri(uri);

    public string ExposedPrompt(string name) => _exposure.Prompt(name);

    /// <summary>Waits for something the server says by itself.</summary>
    public async Task ExpectAsync(string what, Func<JsonObject, bool> condition) =>
        Assert.True(await Heard.WaitAsync(all => all.Any(condition)), $"{_plan.Name}: the server never said {what}; heard:\n" +
            string.Join('\n', Heard.All.Select(m => m.ToJsonString())));

    private static async Task<WalkRecord> RunAsync(IPeerClient client, WalkPlan plan, Exposure exposure, WalkRecord? direct)
    {
        var walk = new Walk(client, plan, exposure);
        var isAlone = exposure == Exposure.Unchanged;
        var before = isAlone ? 0 : client.Heard.All.Count;
        if (isAlone)
            walk.Initialized(client.Initialize.DeepClone().AsObject());
        await plan.Before(walk);
        await walk.ToolsAsync(direct);
        await walk.ResourcesAsync(direct);
        await walk.PromptsAsync(direct);
        await plan.Extra(walk);
        await client.AskAsync("ping", null);
        // What comes on another stream than the last answer may come later: the direct walk says what to wait for.
        if (direct is not null && isAlone)
            await client.Heard.WaitAsync(all => !WalkRecord.Minus(direct.Heard, HeardTexts.Of(all, plan.HasRepeats)).Any());
        var heard = HeardTexts.Of([.. client.Heard.All.Skip(before)], plan.HasRepeats);
        walk._record.Heard = isAlone ? heard : HeardTexts.ProgressOf(heard);
        walk._record.IsAmongOthers = !isAlone;
        return walk._record;
    }

    private void Initialized(JsonObject result)
    {
        // Each hop agrees on its own revision: behind the gateway an old server may serve a newer client.
        if (_plan.Revision != WalkPlan.Newest)
            result.Remove("protocolVersion");
        _record.Add(WalkRecord.Initialize, result);
    }

    private async Task ToolsAsync(WalkRecord? direct)
    {
        var arguments = new SchemaArguments(_plan.Hints);
        foreach (var (name, tool) in await ListAsync("tools/list", "tools", "name", _exposure.Tool, direct))
        {
            if (_plan.NotCalled.ContainsKey(name))
                continue;
            foreach (var (i, made) in arguments.For(tool["inputSchema"]!).Index())
                await CallAsync($"tools/call {name} #{i} {made.ToJsonString()}", name, made);
        }
    }

    private async Task ResourcesAsync(WalkRecord? direct)
    {
        foreach (var (uri, _) in await ListAsync("resources/list", "resources", "uri", _exposure.Uri, direct))
            await ReadAsync("resources/read " + uri, uri);
        await ListAsync("resources/templates/list", "resourceTemplates", "uriTemplate", _exposure.Uri, direct);
    }

    private async Task PromptsAsync(WalkRecord? direct)
    {
        foreach (var (name, prompt) in await ListAsync("prompts/list", "prompts", "name", _exposure.Prompt, direct))
        {
            var fields = (prompt["arguments"] as JsonArray ?? []).Select(a => (Name: (string)a!["name"]!, Required: (bool?)a["required"] ?? false)).ToArray();
            await GetAsync("all", fields.Select(f => f.Name));
            await GetAsync("required", fields.Where(f => f.Required).Select(f => f.Name));
            await GetAsync("none", []);

            Task GetAsync(string which, IEnumerable<string> names) => AskAsync($"prompts/get {name} {which}", "prompts/get", new JsonObject
            {
                ["name"] = _exposure.Prompt(name),
                ["arguments"] = new JsonObject(names.Select(n => KeyValuePair.Create(n, (JsonNode?)Argument(n)))),
            });
        }
    }

    // Arguments of prompts are always strings.
    private string Argument(string name) => _plan.Hints.GetValueOrDefault(name) switch
    {
        null => SchemaArguments.Text,
        JsonArray several => several[0]!.ToString(),
        var one => one.ToString(),
    };

    /// <summary>All pages of a list; each item is recorded under its own name, whatever the gateway calls it.</summary>
    private async Task<IReadOnlyList<(string Own, JsonNode Item)>> ListAsync(
        string method, string member, string nameMember, Func<string, string> exposed, WalkRecord? direct)
    {
        var items = new List<JsonNode>();
        string? cursor = null;
        do
        {
            var answer = await _client.AskAsync(method, cursor is null ? [] : new JsonObject { ["cursor"] = cursor });
            if (answer.Result is null)
            {
                if (_exposure == Exposure.Unchanged)
                    _record.Add(method + WalkRecord.NothingElse, answer.ToJson());
                return [];
            }
            items.AddRange(answer.Result[member]!.AsArray().Select(i => i!));
            cursor = (string?)answer.Result["nextCursor"];
        }
        while (cursor is not null);

        // The backend's own names: as listed when direct, else those the direct walk listed, found under the names the gateway gives them.
        var prefix = method + " ";
        var own = direct is null
            ? items.Select(i => (string)i[nameMember]!).ToArray()
            : direct.Keys.Where(k => k.StartsWith(prefix, StringComparison.Ordinal)).Select(k => k[prefix.Length..]).ToArray();
        var byName = items.ToDictionary(i => (string)i[nameMember]!);
        var found = new List<(string, JsonNode)>();
        foreach (var name in own)
        {
            if (!byName.Remove(exposed(name), out var item))
                continue; // the comparison says that it is missing
            item = item.DeepClone();
            item[nameMember] = name;
            _record.Add(prefix + name, item);
            found.Add((name, item));
        }
        if (_exposure == Exposure.Unchanged)
            _record.Add(method + WalkRecord.NothingElse, new JsonArray([.. byName.Keys.Select(k => JsonValue.Create(k))]));
        return found;
    }
}
