using System.Text;
using Oktsec.Mcp.Envelope;

namespace Oktsec.Mcp.Tests.Envelope;

public sealed class IdPeekTests
{
    [Theory]
    [InlineData("""{"jsonrpc":"2.0","id":7,"result":{"content":[""", 7)]
    [InlineData("""{"id": 7 , "result":{""", 7)]
    [InlineData("""{"result":{"id":9},"id":7,"x":"…""", 7)]
    [InlineData("""{"result":{"id":7,"text":"x""", null)]
    [InlineData("""{"id":"7","result":{""", 7)] // in quotes, see RpcIds.Unquoted
    [InlineData("""{"id":"7a","result":{""", null)]
    [InlineData("""{"id":7.5,"result":{""", null)]
    [InlineData("""{"id":7""", null)] // 7, or the start of 71
    [InlineData("zzzzzz", null)]
    [InlineData("", null)]
    public void FromHead_CutMessage_GivesItsOwnId(string head, int? id) => Assert.Equal(id, IdPeek.FromHead(Encoding.UTF8.GetBytes(head)));

    [Theory]
    [InlineData("""xxx"}]},"jsonrpc":"2.0","id":7}""", 7)]
    [InlineData("""xxx"}]},"jsonrpc":"2.0", "id" : 7 } """, 7)]
    [InlineData("""xxx"},"id":7,"jsonrpc":"2.0"}""", null)]
    [InlineData("""xxx"},"id":"7"}""", 7)]
    [InlineData("""xxx"},"id":7"}""", null)]
    [InlineData("""xxx"},"id":"a7"}""", null)]
    [InlineData("""xxx,\"id\":7}""", null)]
    [InlineData("""xxx\",\"id":7}""", null)]
    [InlineData("""xxx"},"id":7}}""", null)]
    [InlineData("""xxx"},"myid":7}""", null)]
    [InlineData(""":7}""", null)]
    [InlineData("}", null)]
    [InlineData("", null)]
    public void FromTail_CutMessage_GivesItsOwnId(string tail, int? id) => Assert.Equal(id, IdPeek.FromTail(Encoding.UTF8.GetBytes(tail)));

    [Theory]
    [InlineData("""{"jsonrpc":"2.0","id":7.0,"result":{}}""", "7")]
    [InlineData("""{"jsonrpc":"2.0","id":7,"result":{}}{}""", "7")]
    [InlineData("""[{"id":"a","result":{}}]""", "\"a\"")]
    [InlineData("\uFEFF{\"id\":7,\"error\":{}}", "7")]
    [InlineData("""{"id":7.5,"result":{}}""", "")]
    [InlineData("""{"id":1e999,"result":{}}""", "")]
    [InlineData("""{"id":99999999999999999999999999999,"result":{}}""", "")]
    [InlineData("""{"id":7,"method":"ping"}""", "")] // the server's own
    [InlineData("""{"result":{"id":7}}""", "")]
    [InlineData("[info] 7", "")]
    public void OfAnswer_RefusedMessage_GivesTheIdItAnswers(string message, string id) => Assert.Equal(id, Encoding.UTF8.GetString(IdPeek.OfAnswer(Encoding.UTF8.GetBytes(message))));

    [Fact]
    public void Peek_AnyBytes_NeverThrows()
    {
        var random = new Random(20261120);
        var alphabet = "{}[]\",:id 0123456789\\-e.\t\r\u00ff\"id\":7}"u8.ToArray();
        for (var round = 0; round < 200_000; round++)
        {
            var bytes = new byte[random.Next(24)];
            for (var i = 0; i < bytes.Length; i++)
                bytes[i] = alphabet[random.Next(alphabet.Length)];
            IdPeek.FromHead(bytes);
            IdPeek.FromTail(bytes);
            IdPeek.OfAnswer(bytes);
        }
    }
}
