using System.Text;
using System.Text.Json;
using Oktsec.Mcp.Envelope;

namespace Oktsec.Mcp.Tests.Envelope;

public sealed class RpcReplyTests
{
    [Fact]
    public void Error_PlainMessage_IsExactlyTheDocumentedForm() =>
        Assert.Equal(
            """{"jsonrpc":"2.0","id":42,"error":{"code":-32600,"message":"blocked by oktsec: IAP-001"}}""",
            Encoding.UTF8.GetString(RpcReply.Error("42"u8, -32600, "blocked by oktsec: IAP-001")));

    [Fact]
    public void Error_WithoutId_LeavesTheMemberOut() =>
        Assert.Equal(
            """{"jsonrpc":"2.0","error":{"code":-32700,"message":"x","data":{"a":1}}}""",
            Encoding.UTF8.GetString(RpcReply.Error(default, -32700, "x", """{"a":1}"""u8)));

    [Fact]
    public void Error_AnyText_IsEscaped()
    {
        const string text = "\"quote\" \\ \0\u001b\n\u2028 é 😀 \ud800";
        using var json = JsonDocument.Parse(RpcReply.Error("1"u8, int.MinValue, text));
        var error = json.RootElement.GetProperty("error");

        Assert.Equal(text.Replace('\ud800', '\ufffd'), error.GetProperty("message").GetString());
        Assert.Equal(int.MinValue, error.GetProperty("code").GetInt32());
    }

    [Fact]
    public void Error_OfARefusal_CarriesItsIdAndCode()
    {
        var reply = RpcReply.Error(Read.Refused("""{"jsonrpc":"2.0","id":"a\u0062","method":1}"""));
        var message = Read.Accepted(reply);

        Assert.Equal((RpcKind.ErrorResponse, "\"a\\u0062\""), (message.Kind, message.Text(message.Id)));
    }

    [Fact]
    public void Result_RawJson_IsKept() =>
        Assert.Equal(
            """{"jsonrpc":"2.0","id":"a\u0062","result":{ "x": 1e0 }}""",
            Encoding.UTF8.GetString(RpcReply.Result("\"a\\u0062\""u8, "{ \"x\": 1e0 }"u8)));
}
