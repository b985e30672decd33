using System.Text;
using Oktsec.Mcp.Envelope;

namespace Oktsec.Mcp.Tests.Envelope;

/// <summary>What is refused, with which code, and whether the answer may carry the id.</summary>
public sealed class EnvelopeRefusalTests
{
    private const int ParseError = -32700;
    private const int InvalidRequest = -32600;

    [Theory]
    [InlineData("")]
    [InlineData(" \r\n\t")]
    public void TryRead_Nothing_IsEmpty(string json) => Refuses(json, EnvelopeFault.Empty, ParseError);

    [Theory]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"ping" """)] // truncated
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"pin""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"ping",}""")] // trailing commas
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"ping","params":[1,]}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,/* x */"method":"ping"}""")] // comments
    [InlineData("""
        {"jsonrpc":"2.0","id":1,"method":"ping"} // x
        """)]
    [InlineData("""{"jsonrpc":"2.0","id":NaN,"method":"ping"}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"ping","params":{"a":NaN}}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"ping","params":{"a":Infinity}}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"ping","params":{"a":-Infinity}}""")]
    [InlineData("""{"jsonrpc":"2.0","id":01,"method":"ping"}""")]
    [InlineData("""{"jsonrpc":"2.0","id":+1,"method":"ping"}""")]
    [InlineData("""{"jsonrpc":"2.0","id":0x10,"method":"ping"}""")]
    [InlineData("""{'jsonrpc':'2.0','id':1,'method':'ping'}""")]
    [InlineData("""{jsonrpc:"2.0",id:1,method:"ping"}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"pi\x6eg"}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"pi\u12g"}""")]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"pi\nng\"}")] // control characters in a string
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"pi\0ng\"}")]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"\u00A0}")] // white space that JSON has not
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\uFEFF\"method\":\"ping\"}")]
    [InlineData("[1,")]
    [InlineData("nul")]
    public void TryRead_NotJson_IsParseError(string json)
    {
        var error = Read.Refused(json);

        Assert.True(error.Fault is EnvelopeFault.NotJson or EnvelopeFault.TrailingBytes, error.Detail);
        Assert.Equal(ParseError, error.Code);
        Assert.Equal("", error.IdText());
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("x")]
    [InlineData("\0")]
    [InlineData(",")]
    [InlineData("\n{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"ping\"}")]
    public void TryRead_SomethingAfterTheMessage_IsTrailing(string tail) =>
        Refuses("""{"jsonrpc":"2.0","id":1,"method":"ping"}""" + tail, EnvelopeFault.TrailingBytes, ParseError);

    [Fact]
    public void TryRead_ByteOrderMark_IsRefused() =>
        Refuses("\uFEFF{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}", EnvelopeFault.ByteOrderMark, ParseError);

    [Theory]
    [InlineData(new byte[] { 0xFF })]
    [InlineData(new byte[] { 0x80 })] // a continuation alone
    [InlineData(new byte[] { 0xC0, 0xAF })] // overlong solidus
    [InlineData(new byte[] { 0xED, 0xA0, 0x80 })] // a raw high surrogate
    [InlineData(new byte[] { 0xED, 0xB0, 0x80 })] // a raw low surrogate
    [InlineData(new byte[] { 0xED, 0xA0, 0xBD, 0xED, 0xB8, 0x80 })] // a pair of them (CESU-8)
    [InlineData(new byte[] { 0xF4, 0x90, 0x80, 0x80 })] // beyond U+10FFFF
    [InlineData(new byte[] { 0xE2, 0x82 })] // cut short
    public void TryRead_InvalidUtf8_IsRefusedWhereItStands(byte[] bad)
    {
        var before = """{"jsonrpc":"2.0","id":1,"method":"x","params":{"a":"é """u8;

        var error = Read.Refused([.. before, .. bad, .. "\"}}"u8]);

        Assert.Equal((EnvelopeFault.InvalidUtf8, ParseError, before.Length), (error.Fault, error.Code, error.Offset));
    }

    [Theory]
    [InlineData("""{"a":"\ud800"}""")]
    [InlineData("""{"a":"\uDC00"}""")]
    [InlineData("""{"a":"\uD83Dx"}""")]
    [InlineData("""{"a":"\ud83d\n\ude00"}""")]
    [InlineData("""{"a":"\ud83d\ud83d\ude00"}""")]
    [InlineData("""{"a":"\\\ud83d"}""")]
    [InlineData("""{"\ud83d":1}""")]
    [InlineData("""[[{"a":{"\udc00":1}}]]""")]
    public void TryRead_LoneEscapedSurrogate_IsRefused(string parameters)
    {
        var error = Refuses(Call(parameters), EnvelopeFault.InvalidUtf8, ParseError);
        Assert.Equal("7", error.IdText());
    }

    [Theory]
    [InlineData("""{"a":"\ud83d\ude00\uD83D\uDE00"}""")]
    [InlineData("""{"a":"\\ud83d \\\\uD800"}""")]
    [InlineData("""{"a":"\ud7ff\ue000"}""")]
    [InlineData("""{"\ud83d\ude00":1}""")]
    public void TryRead_WholeSurrogatePairs_AreAccepted(string parameters) => Read.Accepted(Call(parameters));

    [Theory]
    [InlineData("""{"a":1,"a":1}""")]
    [InlineData("""{"name":"x","n\u0061me":"y"}""")]
    [InlineData("""{"n\u0061me":"x","name":"y"}""")]
    [InlineData("""{"n\u0061me":"x","nam\u0065":"y"}""")]
    [InlineData("""{"":1,"":2}""")]
    [InlineData("""{"a\/b":1,"a/b":2}""")]
    [InlineData("""{"\ud83d\ude00":1,"😀":2}""")]
    [InlineData("""{"a":{"b":[0,{"c":1,"d":{"e":{}},"c":2}]}}""")]
    [InlineData("""[[[{"z":[{"z":1}],"z":2}]]]""")]
    [InlineData("""{"arguments":{"a":{"b":1},"x":0,"a":{}}}""")]
    public void TryRead_DuplicateKey_IsRefusedAtAnyDepth(string parameters)
    {
        var error = Refuses(Call(parameters), EnvelopeFault.DuplicateKey, InvalidRequest);
        Assert.Equal("7", error.IdText());
    }

    [Theory]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"tools/list","method":"tools/call"}""", "1")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"tools/list","m\u0065thod":"tools/call"}""", "1")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"ping","id":2}""", "")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"ping","\u0069d":1}""", "")]
    [InlineData("""{"jsonrpc":"2.0","jsonrpc":"2.0","id":1,"method":"ping"}""", "1")]
    public void TryRead_DuplicateMember_AnswersOnlyAnIdWithoutDoubt(string json, string id) =>
        Assert.Equal(id, Refuses(json, EnvelopeFault.DuplicateKey, InvalidRequest).IdText());

    [Theory]
    [InlineData("""{"jsonrpc":"2.0","id":1,"Method":"ping"}""", "1")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"ping","METHOD":"x"}""", "1")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"ping","ID":2}""", "")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"ping","\u0049d":2}""", "")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"ping","\u0131d":2}""", "")] // dotless i
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"ping","JsonRpc":"2.0"}""", "1")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"ping","Params":{}}""", "1")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"ping","param\u017f":{}}""", "1")] // long s
    [InlineData("""{"jsonrpc":"2.0","id":1,"result":{},"Result":{}}""", "1")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"result":{},"Error":{}}""", "1")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"a","Message":"b"}}""", "1")]
    public void TryRead_CaseVariantOfAMember_IsRefused(string json, string id) =>
        Assert.Equal(id, Refuses(json, EnvelopeFault.CaseVariantKey, InvalidRequest).IdText());

    [Theory]
    [InlineData("""{"Name":"a"}""")]
    [InlineData("""{"name":"a","NAME":"b"}""")]
    [InlineData("""{"name":"a","\u004eame":"b"}""")]
    [InlineData("""{"nam\u0045":"b"}""")]
    [InlineData("""{"Arguments":{}}""")]
    [InlineData("""{"argumentſ":{}}""")]
    [InlineData("""{"Uri":"a"}""")]
    [InlineData("""{"URI":"a"}""")]
    [InlineData("""{"urı":"a"}""")]
    [InlineData("""{"Cursor":"a"}""")]
    [InlineData("""{"Ref":{}}""")]
    [InlineData("""{"_Meta":{}}""")]
    [InlineData("""{"progresstoken":1}""")]
    [InlineData("""{"progressToKen":1}""")] // Kelvin sign
    [InlineData("""{"requestID":1}""")]
    [InlineData("""{"TaskId":"a"}""")]
    [InlineData("""{"_meta":{"ProgressToken":1}}""")]
    [InlineData("""{"_meta":{"progressToken":1,"progresstoken":2}}""")]
    [InlineData("""{"_meta":{"io.modelcontextprotocol/protocolversion":"x"}}""")]
    [InlineData("""{"ref":{"type":"ref/prompt","name":"a","Name":"b"}}""")]
    public void TryRead_CaseVariantInParams_IsRefused(string parameters) =>
        Assert.Equal("7", Refuses(Call(parameters), EnvelopeFault.CaseVariantKey, InvalidRequest).IdText());

    [Theory]
    [InlineData("[]")]
    [InlineData("""[{"jsonrpc":"2.0","id":1,"method":"ping"}]""")]
    [InlineData("""[{"jsonrpc":"2.0","id":1,"method":"ping"},{"jsonrpc":"2.0","id":2,"method":"ping"}]""")]
    public void TryRead_Batch_IsRefusedWithoutId(string json) =>
        Assert.Equal("", Refuses(json, EnvelopeFault.Batch, InvalidRequest).IdText());

    [Theory]
    [InlineData("1")]
    [InlineData("null")]
    [InlineData("true")]
    [InlineData("\"{}\"")]
    public void TryRead_Scalar_IsNotAnObject(string json) => Refuses(json, EnvelopeFault.NotAnObject, InvalidRequest);

    [Theory]
    [InlineData("null")]
    [InlineData("1.0")]
    [InlineData("1.5")]
    [InlineData("1e3")]
    [InlineData("1E3")]
    [InlineData("true")]
    [InlineData("{}")]
    [InlineData("[1]")]
    public void TryRead_BadId_IsRefusedWithoutIt(string id)
    {
        Assert.Equal("", Refuses($$"""{"jsonrpc":"2.0","id":{{id}},"method":"ping"}""", EnvelopeFault.BadId, InvalidRequest).IdText());
        Refuses($$$"""{"jsonrpc":"2.0","id":{{{id}}},"result":{}}""", EnvelopeFault.BadId, InvalidRequest);
        Refuses($$$"""{"jsonrpc":"2.0","id":{{{id}}},"error":{"code":1,"message":"a"}}""", EnvelopeFault.BadId, InvalidRequest);
    }

    [Theory]
    [InlineData("""{"jsonrpc":"2.0","result":{}}""")]
    [InlineData("""{"jsonrpc":"2.0","error":{"code":1,"message":"a"}}""")]
    public void TryRead_ResponseWithoutId_IsBadId(string json) => Refuses(json, EnvelopeFault.BadId, InvalidRequest);

    [Theory]
    [InlineData("""{"id":1,"method":"ping"}""")]
    [InlineData("""{"jsonrpc":"1.0","id":1,"method":"ping"}""")]
    [InlineData("""{"jsonrpc":2.0,"id":1,"method":"ping"}""")]
    [InlineData("""{"jsonrpc":null,"id":1,"method":"ping"}""")]
    [InlineData("""{"jsonrpc":["2.0"],"id":1,"method":"ping"}""")]
    [InlineData("""{"jsonrpc":"2.0 ","id":1,"method":"ping"}""")]
    public void TryRead_OtherVersion_IsBadVersion(string json) =>
        Assert.Equal("1", Refuses(json, EnvelopeFault.BadVersion, InvalidRequest).IdText());

    [Theory]
    [InlineData("1")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[\"ping\"]")]
    [InlineData("\"\"")]
    public void TryRead_BadMethod_IsRefused(string method) =>
        Assert.Equal("1", Refuses($$"""{"jsonrpc":"2.0","id":1,"method":{{method}}}""", EnvelopeFault.BadMethod, InvalidRequest).IdText());

    [Theory]
    [InlineData("x/y", "null")]
    [InlineData("x/y", "1")]
    [InlineData("x/y", "\"{}\"")]
    [InlineData("tools/call", "[\"name\"]")]
    [InlineData("tools/list", "[]")]
    [InlineData("notifications/message", "[]")]
    [InlineData("tools/call", """{"name":1}""")]
    [InlineData("tools\\/call", """{"name":["a"]}""")]
    [InlineData("tools/call", """{"name":null}""")]
    [InlineData("tools/call", """{"name":"a","arguments":[]}""")]
    [InlineData("tools/call", """{"name":"a","arguments":"{}"}""")]
    [InlineData("tools/call", "{}")]
    [InlineData("prompts/get", """{"arguments":{}}""")]
    [InlineData("prompts/get", """{"name":{}}""")]
    [InlineData("resources/read", "{}")]
    [InlineData("notifications/resources/updated", "{}")]
    [InlineData("resources/read", """{"uri":1}""")]
    [InlineData("resources/read", "[]")]
    [InlineData("resources/subscribe", """{"uri":null}""")]
    [InlineData("resources/unsubscribe", """{"uri":[]}""")]
    [InlineData("x/y", """{"_meta":[]}""")]
    [InlineData("x/y", """{"_meta":{"progressToken":null}}""")]
    [InlineData("x/y", """{"_meta":{"progressToken":1.5}}""")]
    [InlineData("x/y", """{"_meta":{"progressToken":{}}}""")]
    [InlineData("notifications/progress", """{"progressToken":{}}""")]
    [InlineData("notifications/cancelled", """{"requestId":1.0}""")]
    public void TryRead_BadParams_IsRefused(string method, string parameters) =>
        Assert.Equal("7", Refuses(Call(parameters, method), EnvelopeFault.BadParams, InvalidRequest).IdText());

    [Theory]
    [InlineData("tools/call")]
    [InlineData("resources/read")]
    public void TryRead_NoParamsWhereTheyNameSomething_IsRefused(string method) =>
        Refuses($$"""{"jsonrpc":"2.0","id":1,"method":"{{method}}"}""", EnvelopeFault.BadParams, InvalidRequest);

    [Theory]
    [InlineData("""{"jsonrpc":"2.0","id":1}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"params":{}}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"result":{},"error":{"code":1,"message":"a"}}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"result":null,"error":{"code":1,"message":"a"}}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"result":{},"error":null}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"ping","result":{}}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"ping","error":null}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"error":null}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"error":"no"}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"error":[]}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"error":{"message":"a"}}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"error":{"code":1}}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"error":{"code":1.5,"message":"a"}}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"error":{"code":"1","message":"a"}}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":null}}""")]
    public void TryRead_OtherShape_IsRefused(string json) =>
        Assert.Equal("1", Refuses(json, EnvelopeFault.UnknownShape, InvalidRequest).IdText());

    [Theory]
    [InlineData(65, "7")]
    [InlineData(999, "7")]
    [InlineData(1001, "")] // not read to the end
    [InlineData(500_000, "")]
    public void TryRead_TooDeep_IsRefused(int depth, string id)
    {
        var nested = new string('[', depth - 1) + new string(']', depth - 1);
        Assert.Equal(id, Refuses(Call(nested), EnvelopeFault.TooDeep, InvalidRequest).IdText());
    }

    [Fact]
    public void TryRead_DepthAtLimit_IsAccepted() => Read.Accepted(Call(new string('[', 63) + new string(']', 63)));

    [Fact]
    public void TryRead_TooDeepAndNotJson_IsNotJson() =>
        Refuses(Call(new string('[', 100)), EnvelopeFault.NotJson, ParseError);

    [Fact]
    public void TryRead_TooLarge_IsRefusedUnread()
    {
        var error = Read.Refused(new byte[100], new EnvelopeLimits(99, 64));
        Assert.Equal((EnvelopeFault.TooLarge, InvalidRequest), (error.Fault, error.Code));
    }

    [Fact]
    public void TryRead_SeveralFaults_TellsTheFirstAndItsPlace()
    {
        var error = Read.Refused("""{"jsonrpc":"2.0","id":1,"method":"x","params":{"a":1,"a":2,"Name":3}}""");
        Assert.Equal((EnvelopeFault.DuplicateKey, 53), (error.Fault, error.Offset));
        Assert.Contains("byte 53", error.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Detail_AnyFault_RepeatsNothingThatWasSent()
    {
        foreach (var json in (string[])["{\"zqx\"", "{\"zqx\":1,\"zqx\":2}", "\"zqx\"", "[\"zqx\"]", "{\"jsonrpc\":\"zqx\"}", "{} zqx"])
            Assert.DoesNotContain("zqx", Read.Refused(json).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void NotJson_OnALaterLine_TellsTheOffsetInTheWholeMessage() =>
        Assert.Equal(21, Read.Refused("{\n\"jsonrpc\":\"2.0\",\n\"a\"x}").Offset - 1);

    private static string Call(string parameters, string method = "x/y") =>
        $$"""{"jsonrpc":"2.0","method":"{{method}}","params":{{parameters}},"id":7}""";

    private static EnvelopeError Refuses(string json, EnvelopeFault fault, int code)
    {
        var error = Read.Refused(Encoding.UTF8.GetBytes(json));
        Assert.True(fault == error.Fault, $"{error.Fault}: {error.Detail}");
        Assert.Equal(code, error.Code);
        return error;
    }
}
