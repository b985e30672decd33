using Oktsec.Core.Pipeline;

namespace Oktsec.StdioProxy;

/// <summary>Passes everything on as it came.</summary>
internal sealed class Unrecorded(ByteSink output) : IServerDirection
{
    public ByteSink Out => output;

    public int MaxLine => 1024 * 1024; // longer lines pass in pieces: nothing looks at them

    public async ValueTask HandleAsync(RawLine line, ProxyPolicies policies) => await output.WriteAsync(line.Bytes);

    public async ValueTask HandleLongAsync(RawLine piece, ProxyPolicies policies) => await output.WriteAsync(piece.Bytes);

    public async ValueTask FailAsync(RawLine line) => await output.WriteAsync(line.Bytes);

    public async ValueTask UnansweredAsync(byte[] id, Decision failure, ProxyPolicies policies) => await output.WriteLineAsync(Wire.Unanswered(id, failure));
}
