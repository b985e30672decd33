using System.Runtime.Intrinsics;

namespace Oktsec.Scanning.Views;

/// <summary>Finds runs of at least so many bytes of an alphabet, 64 bytes at a look.</summary>
internal readonly struct RunFinder
{
    private readonly ByteClass alphabet;
    private readonly int minLength;

    /// <param name="alphabet">ASCII.</param>
    /// <param name="minLength">At least 15, so that a run covers eight bytes that begin at a multiple of eight.</param>
    public RunFinder(ReadOnlySpan<byte> alphabet, int minLength)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(minLength, 15);
        (this.alphabet, this.minLength) = (new ByteClass(alphabet), minLength);
    }

    /// <summary>The first run that ends behind <paramref name="from"/>; both -1 when there is none.</summary>
    /// <param name="text">Where to look.</param>
    /// <param name="from">Where the last run ended, or the start.</param>
    public (int Start, int End) Next(ReadOnlySpan<byte> text, int from)
    {
        var at = from;
        while (Vector128.IsHardwareAccelerated && at + ByteClass.Window <= text.Length)
        {
            var members = alphabet.Members(in text[at]);
            if (!ByteClass.HasEight(members))
            {
                at += ByteClass.Window;
                continue;
            }
            var (first, behind) = ByteClass.RunAround(members, ByteClass.FirstEight(members));
            // Most are words, which begin and end among these bytes.
            var (start, end) = first > 0 && behind < ByteClass.Window ? (at + first, at + behind) : Around(text, from, at + first);
            if (end - start >= minLength)
                return (start, end);
            at = end;
        }
        // A run that long covers one of these places; most fail at the first look, the rest within a word's length.
        for (var probe = Math.Max(from, at - minLength + 1) + minLength - 1; probe < text.Length; probe += minLength)
        {
            if (!alphabet.Contains(text[probe]))
                continue;
            var (start, end) = Around(text, from, probe);
            if (end - start >= minLength)
                return (start, end);
            probe = end - 1;
        }
        return (-1, -1);
    }

    public bool Contains(byte value) => alphabet.Contains(value);

    private (int Start, int End) Around(ReadOnlySpan<byte> text, int from, int member)
    {
        var (start, end) = (member, member + 1);
        while (start > from && alphabet.Contains(text[start - 1]))
            start--;
        while (end < text.Length && alphabet.Contains(text[end]))
            end++;
        return (start, end);
    }
}
