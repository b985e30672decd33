using System.Buffers;
using System.Text;
using Oktsec.Scanning;
using Oktsec.Storage;

namespace Oktsec.Tests.Storage;

public sealed class FindingsJsonTests
{
    [Fact]
    public void Read_WhatWasWritten_IsTheSame()
    {
        foreach (var severity in Enum.GetValues<Severity>())
        {
            foreach (var action in Enum.GetValues<RuleAction>())
            {
                Finding[] findings =
                [
                    StoreFixture.Finding() with { Severity = severity, Action = action },
                    StoreFixture.Finding("\"\\\u0000\u001b\u2028 🦊") with { Via = "", RedactAs = "", AlsoCategories = [], IsSensitive = false },
                ];
                Assert.Equivalent(findings, FindingsJson.Read(Write(findings)), strict: true);
            }
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("[{")]
    [InlineData("[{\"rule\":7}]")]
    [InlineData("[{\"start\":\"x\"}]")]
    [InlineData("[{\"start\":1e99}]")]
    [InlineData("[{\"severity\":\"7\"}]")]
    [InlineData("[{\"also\":[1,{}]}]")]
    [InlineData("[{\"rule\":\"\\ud800\"}]")]
    public void Read_Damaged_IsOneUnreadableFinding(string text) =>
        Assert.Equal("unreadable", Assert.Single(FindingsJson.Read(Encoding.UTF8.GetBytes(text))).RuleId);

    [Fact]
    public void Read_FieldsOfANewerVersion_AreSkipped()
    {
        var finding = Assert.Single(FindingsJson.Read("""[{"rule":"X-1","new":{"a":[1]},"more":[{"rule":"no"}],"start":3}]"""u8));
        Assert.Equal(("X-1", 3), (finding.RuleId, finding.Start));
    }

    [Fact]
    public void Read_AnyBytes_DoesNotThrow()
    {
        var random = new Random(11);
        var whole = Write([StoreFixture.Finding()]);
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = whole.ToArray();
            for (var n = random.Next(1, 4); n > 0; n--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            foreach (var finding in FindingsJson.Read(bytes.AsSpan(0, random.Next(bytes.Length + 1))))
                Assert.NotNull(FindingsJson.Word(finding.Severity));
        }
    }

    private static byte[] Write(IReadOnlyList<Finding> findings)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using var json = FindingsJson.CreateWriter(bytes);
        FindingsJson.Write(json, findings);
        return bytes.WrittenSpan.ToArray();
    }
}
