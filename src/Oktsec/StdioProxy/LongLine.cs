using Oktsec.Mcp.Envelope;
using Oktsec.Mcp.Stdio;

namespace Oktsec.StdioProxy;

/// <summary>Remembers the first and the last bytes of a line that is over the cap, where its id stands.</summary>
internal sealed class LongLine
{
    private readonly byte[] _head = new byte[LineReader.Glimpse];
    private readonly byte[] _tail = new byte[LineReader.Glimpse];
    private int _headLength;
    private int _tailLength;

    public void Add(ReadOnlySpan<byte> piece)
    {
        var taken = Math.Min(piece.Length, _head.Length - _headLength);
        piece[..taken].CopyTo(_head.AsSpan(_headLength));
        _headLength += taken;
        if (piece.Length >= _tail.Length)
        {
            piece[^_tail.Length..].CopyTo(_tail);
            _tailLength = _tail.Length;
            return;
        }
        var kept = Math.Min(_tailLength, _tail.Length - piece.Length);
        _tail.AsSpan(_tailLength - kept, kept).CopyTo(_tail);
        piece.CopyTo(_tail.AsSpan(kept));
        _tailLength = kept + piece.Length;
    }

    /// <summary>The raw id, or empty; the next line begins.</summary>
    public byte[] TakeId()
    {
        var id = IdPeek.Token(_head.AsSpan(0, _headLength), _tail.AsSpan(0, _tailLength));
        _headLength = _tailLength = 0;
        return id;
    }
}
