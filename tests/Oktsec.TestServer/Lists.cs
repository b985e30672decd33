using System.Collections.Concurrent;
using System.Text.Json;
using Oktsec.TestServer.Tools;

namespace Oktsec.TestServer;

/// <summary>What one session is offered, in pages of the script's size.</summary>
internal sealed class Lists(ServerOptions server)
{
    private readonly ConcurrentQueue<string> _added = [];

    /// <summary>A definition that tools/list shows from now on.</summary>
    public void AddTool(string definition) => _added.Enqueue(definition);

    public string Page(string list, Request request)
    {
        var all = All(list).ToArray();
        var size = server.Script.PageSize;
        var start = request.Params.ValueKind == JsonValueKind.Object && request.Params.TryGetProperty("cursor", out var cursor)
            ? int.Parse(cursor.GetString()!["page-".Length..])
            : 0;
        var items = string.Join(',', all.Skip(start).Take(size));
        var next = all.Length - start > size ? $",\"nextCursor\":\"page-{start + size}\"" : "";
        return $$"""{"{{list}}":[{{items}}]{{next}}}""";
    }

    private IEnumerable<string> All(string list)
    {
        var scripted = server.Script.List(list).Select(entry => entry.Definition);
        var builtIn = server.Script.OnlyScript ? [] : BuiltIn(list);
        return builtIn.Concat(scripted).Concat(list == "tools" ? _added : []);
    }

    private IEnumerable<string> BuiltIn(string list) => list switch
    {
        "tools" => ToolTable.Definitions(server.Arguments),
        "resources" => ["""{"uri":"test://one","name":"one","mimeType":"text/plain"}""", """{"uri":"test://two","name":"two","title":"The second"}"""],
        "resourceTemplates" => ["""{"uriTemplate":"test://item/{id}","name":"item"}"""],
        _ => ["""{"name":"greet","description":"Greets someone.","arguments":[{"name":"who","required":false}]}"""],
    };
}
