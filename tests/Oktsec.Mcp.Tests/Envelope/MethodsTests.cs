using System.Reflection;
using System.Text;
using Oktsec.Mcp.Envelope;

namespace Oktsec.Mcp.Tests.Envelope;

public sealed class MethodsTests
{
    [Fact]
    public void Decode_EveryNamedMethod_IsTheSameStringEachTime()
    {
        var named = typeof(Methods).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (string)field.GetRawConstantValue()!).ToList();

        Assert.NotEmpty(named);
        Assert.Equal(named.Count, named.Distinct().Count());
        foreach (var method in named)
            Assert.Same(Methods.Decode(Encoding.UTF8.GetBytes($"\"{method}\"")), Methods.Decode(Encoding.UTF8.GetBytes($"\"{method.Replace("/", "\\/", StringComparison.Ordinal)}\"")));
    }

    [Fact]
    public void Decode_OtherMethod_IsDecoded() => Assert.Equal("x/\"y", Methods.Decode("\"x\\/\\\"y\""u8));
}
