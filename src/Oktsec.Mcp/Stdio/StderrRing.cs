using System.Text;

namespace Oktsec.Mcp.Stdio;

/// <summary>The last 64 KiB a child wrote to stderr: what a person needs to see why it does not work.</summary>
internal sealed class StderrRing
{
    // 64 KiB: some 800 lines, more than the longest stack trace of a start that failed.
    private const int Capacity = 64 * 1024;
    private readonly Lock _lock = new();
    private byte[] _bytes = [];
    private long _written;

    /// <summary>Bytes seen in all.</summary>
    public long Written
    {
        get
        {
            lock (_lock)
                return _written;
        }
    }

    /// <summary>Reads to the end of the stream, whatever comes: a child whose stderr nobody reads stops.</summary>
    public async Task FillAsync(Stream stderr)
    {
        // 1 KiB: most children are silent, and there may be a thousand of them.
        var buffer = new byte[1024];
        try
        {
            while (await stderr.ReadAsync(buffer) is var count and > 0)
            {
                Append(buffer.AsSpan(0, count));
                if (count == buffer.Length && count < Capacity / 4)
                    buffer = new byte[Capacity / 4];
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The stream was closed under the read: the child is gone.
        }
    }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        lock (_lock)
        {
            for (; bytes.Length > Capacity; bytes = bytes[Capacity..])
                AppendPiece(bytes[..Capacity]);
            AppendPiece(bytes);
        }
    }

    /// <summary>What is kept, as text; bytes that are not UTF-8 are shown as U+FFFD.</summary>
    public override string ToString()
    {
        lock (_lock)
        {
            return _written <= _bytes.Length
                ? Encoding.UTF8.GetString(_bytes, 0, (int)_written)
                : Encoding.UTF8.GetString([.. _bytes.AsSpan(At), .. _bytes.AsSpan(0, At)]);
        }
    }

    private int At => (int)(_written % Math.Max(_bytes.Length, 1));

    private void AppendPiece(ReadOnlySpan<byte> piece)
    {
        Grow((int)Math.Min(Capacity, _written + piece.Length));
        var untilEnd = Math.Min(piece.Length, _bytes.Length - At);
        piece[..untilEnd].CopyTo(_bytes.AsSpan(At));
        piece[untilEnd..].CopyTo(_bytes);
        _written += piece.Length;
    }

    private void Grow(int needed)
    {
        if (needed <= _bytes.Length)
            return;
        var larger = new byte[needed == Capacity ? Capacity : Math.Min(Capacity, Math.Max(needed, _bytes.Length * 2))];
        _bytes.AsSpan(0, (int)_written).CopyTo(larger); // it grows only while nothing has been overwritten
        _bytes = larger;
    }
}
