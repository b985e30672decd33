using System.Buffers;
using System.Text;
using Oktsec.Mcp.Envelope;
using Oktsec.Mcp.Http;

namespace Oktsec.Gateway.Stateless;

/// <summary>Writes results that ask the agent for something (MCP 2026-07-28, Multi Round-Trip Requests, "InputRequiredResult").</summary>
internal static class InputRequired
{
    /// <summary>The raw result: the questions' params as the backend spelled them.</summary>
    public static byte[] Of(IReadOnlyList<Question> questions, string state)
    {
        var output = new ArrayBufferWriter<byte>(1024);
        output.Write("{\"resultType\":\"input_required\",\"inputRequests\":{"u8);
        for (var i = 0; i < questions.Count; i++)
        {
            if (i > 0)
                output.Write(","u8);
            output.Write(JsonText.Quote(questions[i].Key));
            output.Write(":{\"method\":"u8);
            output.Write(JsonText.Quote(questions[i].Method));
            if (!questions[i].Parameters.IsEmpty)
            {
                output.Write(",\"params\":"u8);
                output.Write(questions[i].Parameters.Span);
            }
            output.Write("}"u8);
        }
        output.Write("},\"requestState\":"u8);
        output.Write(JsonText.Quote(state));
        output.Write("}"u8);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>The raw error of the same.</summary>
    public static byte[] LackingError(string capability) =>
        Encoding.UTF8.GetBytes($"{{\"code\":{RequestRefusal.MissingClientCapability},\"message\":\"Missing required client capability\",\"data\":{{\"requiredCapabilities\":{capability}}}}}");

    /// <summary>The error of a request that needs what the agent did not declare.</summary>
    public static byte[] Lacking(ReadOnlySpan<byte> id, string capability) => RpcReply.Error(
        id, RequestRefusal.MissingClientCapability, "Missing required client capability", Encoding.UTF8.GetBytes($"{{\"requiredCapabilities\":{capability}}}"));
}
