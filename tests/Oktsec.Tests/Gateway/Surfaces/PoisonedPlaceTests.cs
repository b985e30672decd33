using Oktsec.Core.Audit;
using static Oktsec.Tests.Gateway.Surfaces.Scripted;

namespace Oktsec.Tests.Gateway.Surfaces;

/// <summary>Every place that the schemas of the earlier revisions have for text in what a server answers and offers, poisoned one at a time.</summary>
public sealed class PoisonedPlaceTests(PoisonedPlaceTests.OneBackend one) : IClassFixture<PoisonedPlaceTests.OneBackend>
{
    // Answers to tools/call, with the revision that first had the place.
    private static readonly (string Since, string Place, string Answer)[] s_answers =
    [
        ("2024-11-05", "text", """ "x-result":{"content":[{"type":"text","text":TEXT}]} """),
        ("2024-11-05", "text of an error result", """ "x-result":{"content":[{"type":"text","text":TEXT}],"isError":true} """),
        ("2024-11-05", "second item", """ "x-result":{"content":[{"type":"text","text":"fine"},{"type":"text","text":TEXT}]} """),
        ("2024-11-05", "embedded resource", """ "x-result":{"content":[{"type":"resource","resource":{"uri":"test://x","mimeType":"text/plain","text":TEXT} }]} """),
        ("2024-11-05", "_meta", """ "x-result":{"content":[],"_meta":{"note":TEXT} } """),
        ("2024-11-05", "error message", """ "x-error":{"code":-32000,"message":TEXT} """),
        ("2024-11-05", "error data", """ "x-error":{"code":-32000,"message":"failed","data":{"why":TEXT} } """),
        ("2024-11-05", "JSON inside text", """ "x-result":{"content":[{"type":"text","text":"{\"note\":ESCAPED}"}]} """),
        ("2025-06-18", "structuredContent", """ "x-result":{"content":[],"structuredContent":{"rows":[{"note":TEXT}]} } """),
        ("2025-06-18", "key of structuredContent", """ "x-result":{"content":[],"structuredContent":{TEXT:1} } """),
        ("2025-06-18", "name of a link", """ "x-result":{"content":[{"type":"resource_link","uri":"test://x","name":TEXT}]} """),
        ("2025-06-18", "title of a link", """ "x-result":{"content":[{"type":"resource_link","uri":"test://x","name":"x","title":TEXT}]} """),
        ("2025-06-18", "description of a link", """ "x-result":{"content":[{"type":"resource_link","uri":"test://x","name":"x","description":TEXT}]} """),
        ("2025-06-18", "_meta of an item", """ "x-result":{"content":[{"type":"text","text":"fine","_meta":{"note":TEXT} }]} """),
        ("2025-11-25", "what no schema knows", """ "x-result":{"content":[{"type":"hologram","caption":TEXT}],"more":1} """),
    ];

    // Definitions of tools, likewise.
    private static readonly (string Since, string Place, string Members)[] s_definitions =
    [
        ("2024-11-05", "description", """ "description":TEXT,"inputSchema":{"type":"object"} """),
        ("2024-11-05", "description of a parameter", """ "inputSchema":{"type":"object","properties":{"a":{"type":"string","description":TEXT} } } """),
        ("2024-11-05", "default of a parameter", """ "inputSchema":{"type":"object","properties":{"a":{"type":"string","default":TEXT} } } """),
        ("2024-11-05", "value of an enum", """ "inputSchema":{"type":"object","properties":{"a":{"enum":["x",TEXT]} } } """),
        ("2024-11-05", "name of a parameter", """ "inputSchema":{"type":"object","properties":{TEXT:{"type":"string"} } } """),
        ("2025-03-26", "title in annotations", """ "inputSchema":{"type":"object"},"annotations":{"title":TEXT} """),
        ("2025-06-18", "title", """ "title":TEXT,"inputSchema":{"type":"object"} """),
        ("2025-06-18", "output schema", """ "inputSchema":{"type":"object"},"outputSchema":{"type":"object","properties":{"a":{"description":TEXT} } } """),
        ("2025-06-18", "_meta", """ "inputSchema":{"type":"object"},"_meta":{"note":TEXT} """),
    ];

    public static TheoryData<string, string> Answers { get; } = new(s_answers.Select(a => (a.Since, a.Place)));

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task Answer_PoisonedInOnePlace_NeverReachesTheAgent(string since, string place)
    {
        var tool = ToolOf(place);
        using var agent = one.Gateway.Agent();
        await agent.InitializeAsync(version: since);

        var answer = await agent.CallAsync(tool);

        Assert.DoesNotContain(Mark, answer.Body);
        Assert.StartsWith("blocked by oktsec: ", answer.Text);
        var record = one.Gateway.Records("tools/call").First(r => r.Entry.Target == tool);
        Assert.Equal("allow", record.Entry.Decision);
        Assert.Contains(record.Outcome!.Status, new[] { AuditStatus.Blocked, AuditStatus.Quarantined });
        Assert.NotEmpty(record.Outcome.Findings);
    }

    [Theory]
    [InlineData("2024-11-05")]
    [InlineData("2025-03-26")]
    [InlineData("2025-06-18")]
    [InlineData("2025-11-25")]
    public async Task Definition_PoisonedInOnePlace_IsNeverListed(string revision)
    {
        using var agent = one.Gateway.Agent();
        await agent.InitializeAsync(version: revision);

        var list = await agent.RequestAsync("tools/list", "{}");

        Assert.DoesNotContain(Mark, list.Body);
        var names = list.Result!["tools"]!.AsArray().Select(t => (string)t!["name"]!).ToArray();
        Assert.Contains("good", names);
        foreach (var (_, place, _) in s_definitions)
        {
            Assert.DoesNotContain("d_" + ToolOf(place), names);
            Assert.Contains(one.Gateway.Records("tools/list"), r => r.Entry.Target == "d_" + ToolOf(place) && IsDenied(r.Entry));
        }
    }

    private static string ToolOf(string place) => place.Replace(' ', '_');

    private static string Script()
    {
        string With(string text) => text.Replace("TEXT", Quote(Evil), StringComparison.Ordinal).Replace("ESCAPED", Quote(Quote(Evil))[1..^1], StringComparison.Ordinal);
        var tools = s_answers.Select(a => $$"""{"name":"{{ToolOf(a.Place)}}","inputSchema":{"type":"object"},{{With(a.Answer)}} }""")
            .Concat(s_definitions.Select(d => $$"""{"name":"d_{{ToolOf(d.Place)}}",{{With(d.Members)}} }"""))
            .Append("""{"name":"good","description":"Adds two numbers.","inputSchema":{"type":"object"} }""");
        return $$"""{"onlyScript":true,"tools":[{{string.Join(',', tools)}}]}""";
    }

    /// <summary>One gateway before one backend.</summary>
    public sealed class OneBackend : IAsyncLifetime
    {
        private TestGateway? _gateway;

        internal TestGateway Gateway => _gateway!;

        public async ValueTask InitializeAsync() => _gateway = await StartAsync([Script()]);

        public async ValueTask DisposeAsync() => await Gateway.DisposeAsync();
    }
}
