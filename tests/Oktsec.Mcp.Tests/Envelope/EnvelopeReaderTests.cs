using System.Text;
using Oktsec.Mcp.Envelope;

namespace Oktsec.Mcp.Tests.Envelope;

/// <summary>What is accepted, and what is lifted from it.</summary>
public sealed class EnvelopeReaderTests
{
    [Fact]
    public void TryRead_ToolsCall_LiftsEveryMember()
    {
        var message = Read.Accepted(
            """ {"jsonrpc":"2.0","id": 42 ,"method":"tools/call","params":{"name":"read_file","arguments":{"path":"/a"},"_meta":{"progressToken":"t1"}}} """);

        Assert.Equal(RpcKind.Request, message.Kind);
        Assert.Equal("42", message.Text(message.Id));
        Assert.Equal("tools/call", message.Method);
        Assert.Equal("\"read_file\"", message.Text(message.Name));
        Assert.Equal("read_file", message.NameText);
        Assert.Equal("""{"path":"/a"}""", message.Text(message.Arguments));
        Assert.Equal("""{"progressToken":"t1"}""", message.Text(message.Meta));
        Assert.Equal("\"t1\"", message.Text(message.ProgressToken));
        Assert.StartsWith("""{"name":""", message.Text(message.Params), StringComparison.Ordinal);
        Assert.True(message.Result.IsEmpty && message.Error.IsEmpty && message.CancelledId.IsEmpty && message.Uri.IsEmpty);
    }

    [Fact]
    public void TryRead_MembersInAnyOrder_LiftsTheSame()
    {
        var message = Read.Accepted("""{"params":{"_meta":{"progressToken":7},"arguments":{},"name":"a"},"method":"tools/call","id":"x","jsonrpc":"2.0"}""");

        Assert.Equal("a", message.NameText);
        Assert.Equal("7", message.Text(message.ProgressToken));
        Assert.Equal("\"x\"", message.Text(message.Id));
    }

    [Fact]
    public void TryRead_EscapedNames_DecodesThemAndKeepsTheirSpelling()
    {
        var message = Read.Accepted("""{"jsonrpc":"2.0","id":1,"method":"tools\/c\u0061ll","params":{"n\u0061me":"re\u0061d\/\ud83d\ude00"}}""");

        Assert.Equal("tools/call", message.Method);
        Assert.Same(Methods.ToolsCall, message.Method);
        Assert.Equal("read/😀", message.NameText);
        Assert.Equal("""
            "re\u0061d\/\ud83d\ude00"
            """, message.Text(message.Name));
    }

    [Theory]
    [InlineData("resources/read")]
    [InlineData("resources/subscribe")]
    [InlineData("resources/unsubscribe")]
    public void TryRead_ResourceMethods_LiftsUri(string method)
    {
        var message = Read.Accepted($$$"""{"jsonrpc":"2.0","id":1,"method":"{{{method}}}","params":{"uri":"file:\/\/\/a"}}""");

        Assert.Equal("file:///a", message.UriText);
        Assert.Equal("\"file:\\/\\/\\/a\"", message.Text(message.Uri));
        Assert.Null(message.NameText);
    }

    [Fact]
    public void TryRead_PromptsGet_LiftsName() =>
        Assert.Equal("p", Read.Accepted("""{"jsonrpc":"2.0","id":1,"method":"prompts/get","params":{"name":"p"}}""").NameText);

    [Fact]
    public void TryRead_Complete_LiftsReference()
    {
        var message = Read.Accepted("""{"jsonrpc":"2.0","id":1,"method":"completion/complete","params":{"ref":{"type":"ref/prompt","name":"p"},"argument":{}}}""");

        Assert.Equal("""{"type":"ref/prompt","name":"p"}""", message.Text(message.Reference));
        Assert.True(message.Name.IsEmpty);
    }

    [Fact]
    public void TryRead_List_LiftsCursor() =>
        Assert.Equal("\"c\"", Text("""{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"cursor":"c"}}""", m => m.Cursor));

    [Fact]
    public void TryRead_Progress_LiftsTheTokenOfParams() =>
        Assert.Equal("9", Text("""{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":9,"progress":0.5}}""", m => m.ProgressToken));

    [Fact]
    public void TryRead_Request_TakesNoTokenFromParamsItself() =>
        Assert.Equal("", Text("""{"jsonrpc":"2.0","id":1,"method":"x/y","params":{"progressToken":9}}""", m => m.ProgressToken));

    [Fact]
    public void TryRead_Cancelled_LiftsRequestId() =>
        Assert.Equal("\"r\"", Text("""{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"r","reason":"x"}}""", m => m.CancelledId));

    [Fact]
    public void TryRead_Response_LiftsResult()
    {
        var message = Read.Accepted("""{"jsonrpc":"2.0","id":"a","result":{"_meta":{},"name":1,"Name":2}}""");

        Assert.Equal(RpcKind.Response, message.Kind);
        Assert.Equal("""{"_meta":{},"name":1,"Name":2}""", message.Text(message.Result));
        Assert.Equal("", message.Method);
        Assert.True(message.Name.IsEmpty && message.Meta.IsEmpty);
    }

    [Fact]
    public void TryRead_ErrorResponse_LiftsError()
    {
        var message = Read.Accepted("""{"jsonrpc":"2.0","id":3,"error":{"code":-32000,"message":"no","data":[1]}}""");

        Assert.Equal(RpcKind.ErrorResponse, message.Kind);
        Assert.Equal("""{"code":-32000,"message":"no","data":[1]}""", message.Text(message.Error));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("9007199254740993")]
    [InlineData("123456789012345678901234567890")]
    [InlineData("\"\"")]
    [InlineData("\"a\\u0062\"")]
    public void TryRead_Id_KeepsItsSpelling(string id) =>
        Assert.Equal(id, Text($$"""{"jsonrpc":"2.0","id":{{id}},"method":"ping"}""", m => m.Id));

    [Theory]
    [InlineData("{\"jsonrpc\":\"2.0\",\"method\":\"ping\"}", RpcKind.Notification)]
    [InlineData("\r\n\t {\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"} \r\n", RpcKind.Request)]
    [InlineData("{\"jsonrpc\":\"2\\u002e0\",\"id\":1,\"method\":\"x/y\",\"params\":[]}", RpcKind.Request)]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"any/Thing\",\"params\":{\"x\":null}}", RpcKind.Request)]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":null}", RpcKind.Response)]
    public void TryRead_WellFormed_TellsTheKind(string json, RpcKind kind) => Assert.Equal(kind, Read.Accepted(json).Kind);

    [Fact]
    public void TryRead_SameKeyInOtherObjects_IsAccepted() =>
        Read.Accepted("""{"jsonrpc":"2.0","id":1,"method":"x","params":{"id":{"id":[{"id":1},{"id":2}]},"method":{"params":{"params":{}}}}}""");

    [Fact]
    public void TryRead_CaseVariantsInArguments_AreTheToolsOwn() =>
        Read.Accepted("""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","arguments":{"Name":1,"NAME":2,"_META":{"ProgressToken":1}}}}""");

    [Theory]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"ping","extra":{"a":1}}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"result":{},"params":{}}""")]
    public void TryRead_UnknownMembers_ArePassedOn(string json) => Read.Accepted(json);

    [Fact]
    public void TryRead_AtTheLimits_IsAccepted()
    {
        var json = Encoding.UTF8.GetBytes("""{"jsonrpc":"2.0","id":1,"method":"x","params":{"a":[[]]}}""");
        Read.Accepted(json, new EnvelopeLimits(json.Length, 4));
    }

    [Fact]
    public void TryRead_KnownMethod_AllocatesOnlyTheMessage()
    {
        var json = Encoding.UTF8.GetBytes("""{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"a":{"b":"c\n","d\u0061":1}}}""");
        Read.Accepted(json);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
            EnvelopeReader.TryRead(json, EnvelopeLimits.FromAgents, out _, out _);
        var each = (GC.GetAllocatedBytesForCurrentThread() - before) / 100;

        Assert.InRange(each, 1, 256); // an RpcMessage: 12 ranges of 8 bytes, 5 references, header
    }

    [Fact]
    public void Dispose_Rented_GivesTheBufferBackOnce()
    {
        var rented = System.Buffers.ArrayPool<byte>.Shared.Rent(64);
        var length = Encoding.UTF8.GetBytes("""{"jsonrpc":"2.0","id":1,"method":"ping"}""", rented);
        Assert.True(EnvelopeReader.TryRead(rented.AsMemory(0, length), EnvelopeLimits.FromAgents, out var message, out _, rented));

        message.Dispose();
        message.Dispose();

        Assert.Same(rented, System.Buffers.ArrayPool<byte>.Shared.Rent(64));
        Assert.NotSame(rented, System.Buffers.ArrayPool<byte>.Shared.Rent(64));
    }

    private static string Text(string json, Func<RpcMessage, ByteRange> range)
    {
        var message = Read.Accepted(json);
        return message.Text(range(message));
    }
}
