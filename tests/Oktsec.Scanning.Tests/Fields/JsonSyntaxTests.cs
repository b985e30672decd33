using System.Text;
using System.Text.Json;
using Oktsec.Scanning.Fields;

namespace Oktsec.Scanning.Tests.Fields;

public sealed class JsonSyntaxTests
{
    private const int MaxDepth = 8;

    [Theory]
    [InlineData("{}")]
    [InlineData(" [ ] ")]
    [InlineData("""{"a":{"b":[1,-2.5e+3,true,false,null,"c"]},"d":[[],{}]}""")]
    [InlineData("""["\ud83d\ude00","\u0041\n\"\\"]""")]
    [InlineData("0")]
    [InlineData("[[[[[[[[]]]]]]]]")]
    public void IsValue_Json_IsOne(string json) => AssertAsReader(json, isValue: true);

    [Theory]
    [InlineData("")]
    [InlineData("{x}")]
    [InlineData("{\"a\":1}\n{\"a\":1}")]
    [InlineData("{\"a\":1,}")]
    [InlineData("[1,]")]
    [InlineData("[1 2]")]
    [InlineData("[01]")]
    [InlineData("[1.]")]
    [InlineData("[1e]")]
    [InlineData("[-]")]
    [InlineData("[+1]")]
    [InlineData("{\"a\" 1}")]
    [InlineData("{1:1}")]
    [InlineData("[\"\n\"]")]
    [InlineData("[\"\\x\"]")]
    [InlineData("[\"\\u12\"]")]
    [InlineData("[\"\\ud83d\"]")]
    [InlineData("[\"\\ud83d\\u0041\"]")]
    [InlineData("[\"\\ude00\"]")]
    [InlineData("[tru]")]
    [InlineData("{]")]
    [InlineData("[}")]
    [InlineData("[[[[[[[[[]]]]]]]]]")]
    public void IsValue_Otherwise_IsNone(string json) => AssertAsReader(json, isValue: false);

    [Fact]
    public void IsValue_AnyText_SaysWhatTheReaderSays()
    {
        string[] parts = ["{", "}", "[", "]", ",", ":", "\"a\"", "\"", "\\", "\\u00e9", "\\ud83d", "\\ude00", "1", "0", "-", ".", "e", "+", "true", "null", " ", "\n", "x", "é"];
        var random = new Random(5);
        var valid = 0;
        for (var i = 0; i < 200_000; i++)
        {
            var text = new StringBuilder();
            for (var n = random.Next(1, 9); n > 0; n--)
                text.Append(parts[random.Next(parts.Length)]);
            var json = text.ToString();
            var expected = ReaderReads(Encoding.UTF8.GetBytes(json));
            valid += expected ? 1 : 0;
            AssertAsReader(json, expected);
        }
        Assert.True(valid > 1000, $"{valid} texts were JSON");
    }

    private static void AssertAsReader(string json, bool isValue)
    {
        var bytes = Encoding.UTF8.GetBytes(json);
        Assert.Equal(isValue, ReaderReads(bytes));
        Assert.True(JsonSyntax.IsValue(bytes, MaxDepth) == isValue, json);
    }

    private static bool ReaderReads(byte[] json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
        try
        {
            var any = false;
            while (reader.Read())
            {
                any = true;
                if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName)
                    reader.GetString();
            }
            return any;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return false;
        }
    }
}
