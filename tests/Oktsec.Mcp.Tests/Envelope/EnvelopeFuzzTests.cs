using System.Buffers;
using System.Text;
using Oktsec.Mcp.Envelope;

namespace Oktsec.Mcp.Tests.Envelope;

/// <summary>Damaged messages: no exception, the same judgement as the oracle's, and bytes that survive an edit.</summary>
[Trait("Category", "Fuzz")]
public sealed class EnvelopeFuzzTests
{
    private const int Inputs = 1_000_000; // some 20 s on two cores
    private const int LongestInput = 2_000; // longer ones only repeat what shorter ones show

    private static readonly string[] Seeds =
    [
        """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"read","arguments":{"path":"/a","n":[1,2.5e3,{"x":null}]},"_meta":{"progressToken":"t"}}}""",
        """{"jsonrpc":"2.0","id":"a\u0062","method":"tools\/call","params":{"name":"caf\u00e9 \ud83d\ude00","arguments":{"Name":"é😀"}}}""",
        """{"params":{"uri":"file:\/\/\/x","_meta":{}},"method":"resources/read","id":9007199254740993,"jsonrpc":"2.0"}""",
        """{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":7,"progress":0.5}}""",
        """{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"r","reason":"\t"}}""",
        """{"jsonrpc":"2.0","id":1,"method":"completion/complete","params":{"ref":{"type":"ref/prompt","name":"p"},"argument":{"name":"a","value":"b"}}}""",
        """{"jsonrpc":"2.0","id":-1,"result":{"content":[{"type":"text","text":"a \\ \" \u0000"}],"isError":false,"tools":[{"name":"a"},{"name":"b"}]}}""",
        """{"jsonrpc":"2.0","id":3,"error":{"code":-32000,"message":"no","data":{"a":[[[]]]}}}""",
        """ {"extra":{"a":1,"b":2,"c":3,"d":4,"e":5,"f":6,"g":7,"h":8,"i":9,"j":10},"jsonrpc":"2.0","id":1,"method":"x/y","params":[true,false]} """,
    ];

    // What attackers and broken writers put into messages.
    private static readonly byte[][] Pieces =
    [
        .. new[]
        {
            "\"", "\\", "{", "}", "[", "]", ",", ":", " ", "\n", "null", "true", "1e5", "-", "1.0", "NaN", "\\u", "\\ud83d", "\\ude00", "\\u0061",
            "\"id\":", "\"Id\":1,", "\"\\u0069d\":2,", "\"method\":\"ping\",", "\"name\":\"x\",", "\"NAME\":1,", "\"n\\u0061me\":\"y\",", "\"params\":{},",
            "\"result\":{},", "\"error\":{},", "\"_meta\":{\"progressToken\":1},", "\"urı\":1,", "\"param\u017f\":1,", "\"a\":1,", "{\"a\":1,\"a\":2}", "//", "/* */",
            "\uFEFF", "\u0000", "tools/call", "[[[[[[[[[[[[[[[[", "]]]]]]]]]]]]]]]]", "\"k\":{\"k\":{\"k\":",
        }.Select(Encoding.UTF8.GetBytes),
        [0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF0, 0x9F], [0x80],
    ];

    [Fact]
    public void TryRead_DamagedMessages_AgreesWithTheOracle()
    {
        var random = new Random(20251125); // fixed, so that a failure repeats
        var seeds = Seeds.Select(Encoding.UTF8.GetBytes).ToArray();
        var accepted = 0;
        for (var input = 0; input < Inputs; input++)
        {
            var bytes = Damage(random, seeds);
            try
            {
                accepted += Check(bytes) ? 1 : 0;
            }
            catch (Exception problem)
            {
                throw new InvalidOperationException($"input {input}: {Convert.ToBase64String(bytes)}", problem);
            }
        }
        // Damage that always breaks the message would test nothing but the refusals.
        Assert.InRange(accepted, Inputs / 20, Inputs - (Inputs / 20));
    }

    private static bool Check(byte[] bytes)
    {
        var isAccepted = EnvelopeReader.TryRead(bytes, EnvelopeLimits.FromAgents, out var message, out var error);
        using var expected = EnvelopeOracle.Read(bytes);
        Assert.True(isAccepted == expected is not null, $"accepted: {isAccepted}, oracle: {expected is not null}, {error?.Detail}");
        if (!isAccepted)
        {
            Assert.InRange(error!.Offset, 0, bytes.Length);
            Assert.Equal(EnvelopeRefusal.CodeOf(error.Fault), error.Code);
            return false;
        }
        EnvelopeOracle.Compare(message!, expected!.RootElement);
        CheckSplice(message!);
        return true;
    }

    private static void CheckSplice(RpcMessage message)
    {
        Assert.True(Splice.ToArray(message.Bytes.Span, []).AsSpan().SequenceEqual(message.Bytes.Span));
        if (message.Id.IsEmpty)
            return;
        var edited = Splice.ToArray(message.Bytes.Span, [new Edit(message.Id, "\"our own\""u8.ToArray())]);
        Assert.True(EnvelopeReader.TryRead(edited, EnvelopeLimits.FromAgents, out var read, out var error), error?.Detail);
        Assert.True(read.Span(read.Id).SequenceEqual("\"our own\""u8));
        var restored = Splice.ToArray(edited, [new Edit(read.Id, message.Memory(message.Id))]);
        Assert.True(restored.AsSpan().SequenceEqual(message.Bytes.Span));
    }

    private static byte[] Damage(Random random, byte[][] seeds)
    {
        var bytes = new ArrayBufferWriter<byte>(LongestInput);
        bytes.Write(seeds[random.Next(seeds.Length)]);
        for (var times = random.Next(4); times >= 0; times--)
        {
            var old = bytes.WrittenSpan.ToArray();
            var at = random.Next(old.Length + 1);
            var length = Math.Min(random.Next(1, 12), old.Length - at);
            var from = random.Next(old.Length + 1);
            var copied = old.AsSpan(from, Math.Min(random.Next(1, 40), old.Length - from));
            bytes.ResetWrittenCount();
            bytes.Write(old.AsSpan(0, at));
            switch (random.Next(6))
            {
                case 0: // a byte changes
                    bytes.Write([(byte)random.Next(256)]);
                    bytes.Write(old.AsSpan(Math.Min(at + 1, old.Length)));
                    break;
                case 1: // bytes are missing
                    bytes.Write(old.AsSpan(at + length));
                    break;
                case 2: // something is put in
                    bytes.Write(Pieces[random.Next(Pieces.Length)]);
                    bytes.Write(old.AsSpan(at));
                    break;
                case 3: // something takes the place of a few bytes
                    bytes.Write(Pieces[random.Next(Pieces.Length)]);
                    bytes.Write(old.AsSpan(at + length));
                    break;
                case 4: // a part is repeated elsewhere
                    bytes.Write(copied);
                    bytes.Write(old.AsSpan(at));
                    break;
                default: // the letter under the cursor changes case
                    bytes.Write(at < old.Length && char.IsAsciiLetter((char)old[at]) ? [(byte)(old[at] ^ 0x20)] : old.AsSpan(at, Math.Min(1, old.Length - at)));
                    bytes.Write(old.AsSpan(Math.Min(at + 1, old.Length)));
                    break;
            }
            if (bytes.WrittenCount > LongestInput)
                break;
        }
        return bytes.WrittenSpan.ToArray();
    }
}
