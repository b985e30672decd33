using System.Text;
using Oktsec.Benchmarks.Load;

namespace Oktsec.Benchmarks.Micro;

/// <summary>The messages of the end-to-end comparison, for the steps by themselves.</summary>
internal static class Messages
{
    public static byte[] Call(int length) =>
    [
        .. "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"write_note\",\"arguments\":{\"path\":\"notes/2025/summary.md\",\"text\":"u8,
        .. Payloads.JsonText(seed: 1, length),
        .. "}}}"u8,
    ];

    public static byte[] Result(int length) =>
    [
        .. "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"content\":[{\"type\":\"text\",\"text\":"u8,
        .. Payloads.JsonText(seed: 2, length),
        .. "}]}}"u8,
    ];

    /// <summary>A result of many small members, as databases and APIs return them.</summary>
    public static byte[] Rows(int length)
    {
        var text = new StringBuilder("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"content\":[],\"structuredContent\":{\"rows\":[");
        var random = new Random(3);
        while (text.Length < length)
        {
            text.Append("{\"id\":").Append(random.Next(1_000_000)).Append(",\"name\":\"").Append(Words.Subjects[random.Next(Words.Subjects.Length)])
                .Append("\",\"state\":\"").Append(Words.Adjectives[random.Next(Words.Adjectives.Length)]).Append("\",\"amount\":")
                .Append(random.Next(10_000)).Append(".50,\"tags\":[\"a\",\"b\"]},");
        }
        text.Length--;
        return Encoding.UTF8.GetBytes(text.Append("]}}}").ToString());
    }
}
