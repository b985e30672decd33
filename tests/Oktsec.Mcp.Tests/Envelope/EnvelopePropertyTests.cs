using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Oktsec.Mcp.Envelope;

namespace Oktsec.Mcp.Tests.Envelope;

/// <summary>Laws that hold for every message.</summary>
public sealed class EnvelopePropertyTests
{
    private const int Rounds = 1_000; // FsCheck's default of 100 rarely nests and repeats escapes

    [Fact]
    public void TryRead_AnyBytes_ThrowsNothing() => Holds(Arbitrary<byte[]>(), bytes =>
        EnvelopeReader.TryRead(bytes, EnvelopeLimits.FromAgents, out _, out _) == EnvelopeOracle.Read(bytes) is not null);

    [Fact]
    public void TryRead_AnyText_ThrowsNothing() => Holds(Arbitrary<string>(), text =>
        !EnvelopeReader.TryRead(Encoding.UTF8.GetBytes(text ?? ""), EnvelopeLimits.FromAgents, out _, out _));

    [Fact]
    public void TryRead_AnyNameAndArguments_LiftsThemAsWritten() => Holds(Call.ToArbitrary(), call =>
    {
        var message = Read.Accepted(call.Json);
        return message.NameText == call.Name
            && message.Text(message.Arguments) == call.Arguments
            && message.Text(message.Id) == call.Id;
    });

    [Fact]
    public void TryRead_ADuplicateSomewhere_IsFoundHoweverItIsSpelled() => Holds(
        Call.SelectMany(call => Gen.Choose(0, call.Keys - 1).Select(which => (call, which))).ToArbitrary(),
        pair =>
        {
            var json = RepeatKey(pair.call.Json, pair.which);
            return Read.Refused(json) is { Fault: EnvelopeFault.DuplicateKey, Code: -32600 } error
                && error.Offset > 0
                && (error.Id.IsEmpty || error.IdText() == pair.call.Id);
        });

    [Fact]
    public void TryRead_CutShort_IsNotJson() => Holds(
        Call.SelectMany(call => Gen.Choose(1, Encoding.UTF8.GetByteCount(call.Json) - 1).Select(length => (call.Json, length))).ToArbitrary(),
        pair => Read.Refused(Encoding.UTF8.GetBytes(pair.Json)[..pair.length]).Code == -32700);

    [Fact]
    public void Splice_IdReplacedAndPutBack_IsTheSameBytes() => Holds(Call.ToArbitrary(), call =>
    {
        var message = Read.Accepted(call.Json);
        var edited = Read.Accepted(Splice.ToArray(message.Bytes.Span, [new Edit(message.Id, RpcIds.Of(long.MinValue))]));
        var restored = Splice.ToArray(edited.Bytes.Span, [new Edit(edited.Id, message.Memory(message.Id))]);
        return restored.AsSpan().SequenceEqual(message.Bytes.Span);
    });

    [Fact]
    public void RpcReply_AnyMessage_ReadsBackTheSame() => Holds(Arbitrary<string>(), text =>
    {
        var reply = Read.Accepted(RpcReply.Error("1"u8, -32600, text ?? ""));
        using var error = JsonDocument.Parse(reply.Memory(reply.Error));
        var whole = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text ?? "")); // half surrogates become U+FFFD
        return error.RootElement.GetProperty("message").GetString() == whole;
    });

    /// <summary>A tools/call with text, escapes and nesting of every kind.</summary>
    private static Gen<Sample> Call =>
        from id in Gen.OneOf(Gen.Choose(int.MinValue, int.MaxValue).Select(number => number.ToString(System.Globalization.CultureInfo.InvariantCulture)), Token)
        from name in Token
        from arguments in Gen.Sized(size => Members(Math.Min(size, 24)))
        select new Sample($$$"""{"jsonrpc":"2.0","id":{{{id}}},"method":"tools/call","params":{"name":{{{name}}},"arguments":{{{arguments}}}}}""", id, name, arguments);

    private static Gen<string> Value(int size) => size <= 0
        ? Gen.OneOf(Token, Gen.Elements("0", "-1.5e-7", "true", "false", "null", "123456789012345678901234567890"))
        : Gen.OneOf(
            Token,
            Value(size / 2).ArrayOf(3).Select(items => $"[{string.Join(" , ", items)}]"),
            Members(size));

    private static Gen<string> Members(int size) =>
        from count in Gen.Choose(1, 12) // to either side of where the key table takes over
        from keys in Token.ArrayOf(count)
        from values in Value((size / 3) - 1).ArrayOf(count)
        select "{" + string.Join(",", keys.Zip(values).DistinctBy(pair => Decode(pair.First)).Select(pair => pair.First + ":" + pair.Second)) + "}";

    /// <summary>A string token; some letters are escaped, as a writer may.</summary>
    private static Gen<string> Token =>
        from text in Gen.Elements("a", "b", "é", "😀", "/", "\\", "\"", "\n", "name", "Name", "_meta", "\u017f", "0").ListOf()
        from escape in Gen.Elements(true, false)
        select Spell(string.Concat(text), escape);

    private static string Spell(string text, bool escape)
    {
        var token = new StringBuilder("\"");
        foreach (var letter in text)
        {
            if (escape || letter < ' ' || letter is '"' or '\\')
                token.Append(System.Globalization.CultureInfo.InvariantCulture, $"\\u{(int)letter:x4}");
            else
                token.Append(letter);
        }
        return token.Append('"').ToString();
    }

    private static string Decode(string token) => JsonDocument.Parse(token).RootElement.GetString()!;

    /// <summary>Puts the n-th key a second time at the end of its object, spelled in escapes.</summary>
    private static string RepeatKey(string json, int which)
    {
        var bytes = Encoding.UTF8.GetBytes(json);
        var reader = new Utf8JsonReader(bytes);
        while (reader.Read())
        {
            if (reader.TokenType != JsonTokenType.PropertyName || which-- > 0)
                continue;
            var key = Spell(reader.GetString()!, escape: true);
            var depth = reader.CurrentDepth;
            while (reader.Read() && reader.CurrentDepth >= depth)
                continue;
            var end = (int)reader.TokenStartIndex;
            return Encoding.UTF8.GetString(bytes[..end]) + "," + key + ":0" + Encoding.UTF8.GetString(bytes[end..]);
        }
        throw new InvalidOperationException("there are fewer keys");
    }

    private static Arbitrary<T> Arbitrary<T>() => ArbMap.Default.ArbFor<T>();

    private static void Holds<T>(Arbitrary<T> inputs, Func<T, bool> law) =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(Rounds), Prop.ForAll(inputs, law));

    private sealed record Sample(string Json, string Id, string NameToken, string Arguments)
    {
        public string Name { get; } = Decode(NameToken);

        public int Keys { get; } = CountKeys(Json);

        private static int CountKeys(string json)
        {
            var count = 0;
            var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(json));
            while (reader.Read())
                count += reader.TokenType == JsonTokenType.PropertyName ? 1 : 0;
            return count;
        }
    }
}
