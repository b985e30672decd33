using System.Buffers;
using System.Text.Unicode;
using Oktsec.Scanning.Matching;
using Oktsec.Scanning.Views;

namespace Oktsec.Scanning.Fields;

/// <summary>
/// The text of one scan: every field's decoded bytes, one after another, each closed by a field end. Grown and reused; a scan that finds
/// nothing allocates nothing once its buffers have the size.
/// </summary>
internal sealed class ScanBuffer
{
    private static readonly SearchValues<byte> Separators = SearchValues.Create(RegexClasses.FieldEnd, RegexClasses.PairEnd);

    // Room behind the text: four bytes are read at once, sixteen written at once.
    private const int Slack = 64;

    private byte[] text = new byte[8192];
    private Field[] fields = new Field[64];

    /// <summary>The text so far. It begins with a field end, so that looking back from the first byte is safe.</summary>
    public ReadOnlySpan<byte> Text => text.AsSpan(0, Length);

    public int Length { get; private set; }

    public int Count { get; private set; }

    public ref Field this[int index] => ref fields[index];

    public void Clear()
    {
        Count = 0;
        text[0] = RegexClasses.FieldEnd;
        Length = 1;
    }

    /// <summary>Adds a text that stands for itself.</summary>
    public void AddText(ReadOnlySpan<byte> value, FieldRoles roles)
    {
        var target = BeginField(value.Length);
        value.CopyTo(target);
        if (!Utf8.IsValid(value))
            TextCheck.ReplaceInvalid(target);
        Complete(value.Length, new Field { SourceEnd = value.Length, Parent = -1, Roles = roles });
        EndField();
    }

    /// <summary>Room for a field's bytes.</summary>
    public Span<byte> BeginField(int maxLength)
    {
        var needed = Length + maxLength + Slack;
        if (needed > text.Length)
            Array.Resize(ref text, Math.Max(needed, 2 * text.Length));
        return text.AsSpan(Length, maxLength);
    }

    /// <summary>Takes the bytes written to the room as what decoding made of a part of another field.</summary>
    public void CompleteDecoded(int length, int parent, int sourceStart, int sourceEnd, Decoding via)
    {
        ref var from = ref fields[parent];
        Complete(length, new Field { SourceStart = sourceStart, SourceEnd = sourceEnd, Parent = parent, Via = via, Roles = from.Roles, IsKey = from.IsKey, Depth = (byte)(from.Depth + 1) });
        EndField();
    }

    /// <summary>Takes the bytes written to the room as the joined view of earlier fields.</summary>
    public void CompleteJoined(int length)
    {
        Complete(length, new Field { Parent = -1, Via = Decoding.Joined, Roles = FieldRoles.Prose });
        EndField();
    }

    /// <summary>Takes the bytes written to the room as a field, which stays open for <see cref="EndField"/> or <see cref="EndKey"/>.</summary>
    public void Complete(int length, Field field)
    {
        if (Count == fields.Length)
            Array.Resize(ref fields, 2 * Count);
        Clean(text.AsSpan(Length, length));
        field.Start = Length;
        field.End = Length + length;
        fields[Count++] = field;
        Length += length;
    }

    public void EndField() => text[Length++] = RegexClasses.FieldEnd;

    public void EndKey() => text[Length++] = RegexClasses.PairEnd;

    /// <summary>What to go back to when the fields added from here on turn out to be none.</summary>
    public (int Count, int Length) Mark() => (Count, Length);

    public void Reset((int Count, int Length) mark) => (Count, Length) = mark;

    /// <summary>The field that holds a place of the text.</summary>
    public int FieldAt(int position)
    {
        var (low, high) = (0, Count - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (fields[middle].Start <= position)
                low = middle;
            else
                high = middle - 1;
        }
        return low;
    }

    // Content cannot forge the marks between fields.
    private static void Clean(Span<byte> value)
    {
        for (int at; (at = value.IndexOfAny(Separators)) >= 0; value = value[at..])
            value[at] = (byte)' ';
    }
}
