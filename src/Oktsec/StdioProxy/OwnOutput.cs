using Oktsec.Mcp.Stdio;

namespace Oktsec.StdioProxy;

/// <summary>Our own stdout, written by whoever has something to say: a client that does not read stops that thread, and costs nobody else anything.</summary>
/// <param name="output">Written with blocking writes. Never closed.</param>
internal sealed class OwnOutput(Stream output) : OneWayStream(FileAccess.Write)
{
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        output.Write(buffer.Span);
        return ValueTask.CompletedTask;
    }
}
