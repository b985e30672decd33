using Oktsec.Mcp.Polling;
using Oktsec.Mcp.Stdio;

namespace Oktsec.Hosting.Transport;

/// <summary>A socket as the stream that a <see cref="System.IO.Pipelines.PipeReader"/> reads.</summary>
internal sealed class SocketReads(PolledHandle handle) : OneWayStream(FileAccess.Read)
{
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        handle.ReadAsync(buffer, cancellationToken);
}
