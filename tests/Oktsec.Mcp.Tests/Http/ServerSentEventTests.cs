using System.Buffers;
using System.Net.ServerSentEvents;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Oktsec.Mcp.Http;

namespace Oktsec.Mcp.Tests.Http;

public sealed class ServerSentEventTests
{
    [Theory]
    [InlineData("{}", "{}")]
    [InlineData("{\n\"a\":1\n}", "{\n\"a\":1\n}")]
    [InlineData("{\r\n\"a\":1\r}", "{\n\"a\":1\n}")]
    [InlineData("\n{}\n\n", "\n{}\n\n")]
    [InlineData(" {}\r\r\n", " {}\n\n")]
    public void Write_Message_IsOneEventWithTheSameJson(string message, string data) => Assert.Equal([("message", data)], Events(message));

    [Fact]
    public void Write_AnyText_IsOneEventAndEndsNoOther() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(1_000),
        Prop.ForAll(
            Gen.Elements("\r", "\n", "\r\n", "{", "}", " ", "data: x", "event: y", ":", "é").ListOf().Select(string.Concat).ToArbitrary(),
            text => Events(text) is [("message", var data)] && data == text.ReplaceLineEndings("\n")));

    [Fact]
    public void KeepAlive_IsNoEvent() => Assert.Equal([("message", "{}")], Read([.. ServerSentEvent.KeepAlive, .. Write("{}"), .. ServerSentEvent.KeepAlive]));

    private static (string Type, string Data)[] Events(string message) => Read(Write(message));

    private static byte[] Write(string message)
    {
        var output = new ArrayBufferWriter<byte>();
        ServerSentEvent.Write(output, Encoding.UTF8.GetBytes(message));
        return output.WrittenSpan.ToArray();
    }

    private static (string Type, string Data)[] Read(byte[] stream) =>
        [.. SseParser.Create(new MemoryStream(stream)).Enumerate().Select(item => (item.EventType, item.Data))];
}
