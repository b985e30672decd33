using Oktsec.Mcp.Stdio;

namespace Oktsec.Mcp.Tests.Stdio;

/// <summary>Gives bytes in pieces of the given sizes, over and over; some at once, some later.</summary>
internal sealed class PieceStream(byte[] bytes, int[] pieces) : OneWayStream(FileAccess.Read)
{
    private int _at;
    private int _piece;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Assert.NotEqual(0, buffer.Length);
        var piece = pieces[_piece++ % pieces.Length];
        if (piece % 2 == 0)
            await Task.Yield();
        var count = Math.Min(Math.Min(piece, buffer.Length), bytes.Length - _at);
        bytes.AsMemory(_at, count).CopyTo(buffer);
        _at += count;
        return count;
    }
}
