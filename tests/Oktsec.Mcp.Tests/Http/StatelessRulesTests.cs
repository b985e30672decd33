using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.AspNetCore.Http;
using Oktsec.Mcp.Envelope;
using Oktsec.Mcp.Http;

namespace Oktsec.Mcp.Tests.Http;

/// <summary>The rules of 2026-07-28 by themselves; the same over the wire stands in the tests of the executable.</summary>
public sealed class StatelessRulesTests
{
    private const string Meta = """{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{"a":{"b":[1]}},"io.modelcontextprotocol/logLevel":"error"}""";

    [Fact]
    public void Message_OfTheRevision_IsLiftedWholeAndAccepted()
    {
        var message = Read($$$"""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","inputResponses":{"q":{"x":1}},"requestState":"s","_meta":{{{Meta}}}}}""");
        Assert.Equal("""{"a":{"b":[1]}}""", Text(message, message.ClientCapabilities));
        Assert.Equal("""{"q":{"x":1}}""", Text(message, message.InputResponses));
        Assert.Equal("\"s\"", Text(message, message.RequestState));
        Assert.Equal(4, StatelessRules.LogLevel(message));
        Assert.True(StatelessRules.IsStateless(message));
        Assert.Null(StatelessRules.Check(message, Headers("2026-07-28", "tools/call", "a")));
    }

    [Theory]
    [InlineData("2025-11-25", null, false)]
    [InlineData(null, null, false)]
    [InlineData("2026-07-28", null, true)]
    [InlineData("2025-11-25", "2025-11-25", false)]
    [InlineData("2025-11-25", "2026-07-28", true)]
    [InlineData("2026-07-28", "2025-11-25", true)]
    [InlineData(null, "2026-07-28", true)]
    [InlineData("v9", "v9", true)]
    public void Era_IsWhatBodyOrHeaderSays(string? header, string? body, bool isStateless)
    {
        var meta = body is null ? "{}" : $$"""{"io.modelcontextprotocol/protocolVersion":"{{body}}"}""";
        var message = Read($$$"""{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":{{{meta}}}}}""");
        var headers = new HeaderDictionary();
        if (header is not null)
            headers[HeaderRules.Version] = header;
        Assert.Equal(isStateless, StatelessRules.Applies(message, headers));
    }

    [Fact]
    public void Check_AnyHeaders_AnswersWithACodeOfTheRevisionAndThrowsNothing() => FsCheck.Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(2_000),
        Prop.ForAll(Texts.ToArbitrary(), Texts.ToArbitrary(), Texts.ToArbitrary(), (version, method, name) =>
        {
            var message = Read($$$"""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"é","_meta":{{{Meta}}}}}""");
            var refusal = StatelessRules.Check(message, Headers(version, method, name));
            return refusal is { Status: 400, Code: -32020 } || (refusal is null && version == "2026-07-28" && method == "tools/call" && name == "=?base64?w6k=?=");
        }));

    [Theory]
    [InlineData("a b", "a b")]
    [InlineData("=?base64??=", "")]
    [InlineData("=?base64?w6k=?=", "é")]
    [InlineData("=?base64?w6k=", "=?base64?w6k=")]
    [InlineData("w6k=?=", "w6k=?=")]
    [InlineData("=?base64?=", null)]
    [InlineData("=?base64?w6l=?=", null)]
    [InlineData("=?base64?w6k?=", null)]
    [InlineData("=?base64? w6k=?=", null)]
    [InlineData("=?base64?w6k=w6k=?=", null)]
    [InlineData("=?base64?/w==?=", null)]
    [InlineData("é", null)]
    [InlineData("a\u0001", null)]
    public void Value_IsDecodedInOneWayOnly(string header, string? value)
    {
        Assert.Equal(value is not null, MirroredValue.TryDecode(header, out var decoded));
        Assert.Equal(value, decoded);
    }

    [Theory]
    [InlineData("""{"properties":{"a":{"type":"string","x-mcp-header":"A"},"b":{"properties":{"c":{"x-mcp-header":"C"}}}}}""", true)]
    [InlineData("""{"properties":{"a":{"x-mcp-header":""}}}""", false)]
    [InlineData("""{"properties":{"a":{"x-mcp-header":"A B"}}}""", false)]
    [InlineData("""{"properties":{"a":{"x-mcp-header":"A"},"b":{"x-mcp-header":"a"}}}""", false)]
    [InlineData("""{"properties":{"a":{"items":{"properties":{"c":{"x-mcp-header":"A"}}}}}}""", false)]
    [InlineData("""{"properties":7}""", false)]
    [InlineData("[]", false)]
    public void Parameters_AreThoseThatTheSchemaMayDeclare(string schema, bool isChecked)
    {
        var refusal = MirroredParameters.Of(Encoding.UTF8.GetBytes(schema)).Check("""{"a":"x","b":{"c":"y"}}"""u8.ToArray(), new HeaderDictionary());
        Assert.Equal(isChecked, refusal is not null);
    }

    [Theory]
    [InlineData("""{"a":1,"b":2}""", """{"a":1}""")]
    [InlineData("""{"b":2,"a":1}""", """{"a":1}""")]
    [InlineData("""{ "b" : {"b":3} , "a":1 }""", """{  "a":1 }""")]
    [InlineData("""{"\u0062":2}""", "{}")]
    public void Member_TakenOutWhole_LeavesAnObject(string json, string left)
    {
        var bytes = Encoding.UTF8.GetBytes(json);
        Assert.Equal(left, Encoding.UTF8.GetString(Splice.ToArray(bytes, [new Edit(JsonMembers.FindWhole(bytes, "b"u8), default)])));
    }

    private static Gen<string> Texts => Gen.Frequency(
        (1, Gen.Elements("2026-07-28", "tools/call", "=?base64?w6k=?=", "é", "")),
        (1, Gen.Elements("=?base64?", "?=", "w6k=", "/", "2026", " ", "\u0001", "\\", "é").ListOf().Select(string.Concat)));

    private static HeaderDictionary Headers(string version, string method, string name) =>
        new() { [HeaderRules.Version] = version, [StatelessRules.Method] = method, [StatelessRules.Name] = name };

    private static RpcMessage Read(string json)
    {
        Assert.True(EnvelopeReader.TryRead(Encoding.UTF8.GetBytes(json), EnvelopeLimits.FromAgents, out var message, out var error), error?.Detail);
        return message;
    }

    private static string Text(RpcMessage message, ByteRange range) => Encoding.UTF8.GetString(message.Span(range));
}
