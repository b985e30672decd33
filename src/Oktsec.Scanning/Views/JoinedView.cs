using Oktsec.Scanning.Fields;

namespace Oktsec.Scanning.Views;

/// <summary>The values of one message read one after another: an order split over several fields is one sentence to a model.</summary>
internal sealed class JoinedView
{
    // The end of one long value and the beginning of the next are where a sentence may be cut; what stands between is scanned as it is.
    private const int Edge = 256;

    private readonly List<Piece> pieces = [];
    private byte[] text = new byte[1024];
    private int length;
    private int open;

    /// <param name="Start">First byte in the scan's buffer.</param>
    /// <param name="End">Behind the last.</param>
    /// <param name="Field">The field it was copied from.</param>
    /// <param name="Source">Where in the buffer.</param>
    public readonly record struct Piece(int Start, int End, int Field, int Source);

    public void Clear() => pieces.Clear();

    public void Add(ScanBuffer buffer)
    {
        (length, open) = (0, pieces.Count);
        var count = buffer.Count;
        for (var i = 0; i < count; i++)
        {
            var field = buffer[i];
            var size = field.End - field.Start;
            if (field.IsKey || size == 0 || field.Roles.Has(FieldRoles.Number))
                continue;
            if (size <= 2 * Edge)
            {
                Take(buffer, i, field.Start, field.End);
                continue;
            }
            Take(buffer, i, field.Start, CharacterStart(buffer.Text, field.Start + Edge));
            Close(buffer);
            Take(buffer, i, CharacterStart(buffer.Text, field.End - Edge), field.End);
        }
        Close(buffer);
    }

    /// <summary>The piece that holds a place of the buffer.</summary>
    public Piece At(int position)
    {
        var (low, high) = (0, pieces.Count - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (pieces[middle].Start <= position)
                low = middle;
            else
                high = middle - 1;
        }
        return pieces[low];
    }

    private void Take(ScanBuffer buffer, int field, int from, int to)
    {
        if (text.Length < length + to - from + 1)
            Array.Resize(ref text, 2 * (length + to - from + 1));
        buffer.Text[from..to].CopyTo(text.AsSpan(length));
        pieces.Add(new Piece(length, length + to - from, field, from));
        length += to - from;
        text[length++] = (byte)' ';
    }

    // A single piece has been scanned already.
    private void Close(ScanBuffer buffer)
    {
        if (pieces.Count - open > 1)
        {
            var start = buffer.Length;
            text.AsSpan(0, length).CopyTo(buffer.BeginField(length));
            buffer.CompleteJoined(length);
            for (var i = open; i < pieces.Count; i++)
                pieces[i] = pieces[i] with { Start = pieces[i].Start + start, End = pieces[i].End + start };
        }
        else
        {
            pieces.RemoveRange(open, pieces.Count - open);
        }
        (length, open) = (0, pieces.Count);
    }

    private static int CharacterStart(ReadOnlySpan<byte> source, int at)
    {
        while ((source[at] & 0xC0) == 0x80)
            at++;
        return at;
    }
}
