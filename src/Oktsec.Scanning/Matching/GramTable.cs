using System.Numerics;
using System.Runtime.CompilerServices;

namespace Oktsec.Scanning.Matching;

/// <summary>From a gram to the branches that hold it, and to the companions it is one of.</summary>
internal sealed class GramTable
{
    private const uint LowerCase = 0x20202020;
    public const uint ThreeBytes = 0xFFFFFF;
    private const uint Multiplier = 0x9E3779B1;

    private readonly int shift;
    private readonly Slot[] slots;
    private readonly Entry[] entries;
    private readonly ulong[] groups;
    private readonly int groupWords;

    public GramTable(Lookout[] lookouts, CompanionGroups companions)
    {
        groupWords = companions.Words;
        var found = new List<(uint Key, Entry Entry)>();
        for (var i = 0; i < lookouts.Length; i++)
            foreach (var gram in lookouts[i].Branch.Alternative.Grams)
                found.Add((Key(gram.Value, gram.IsShort), new Entry(gram.Literal, gram.Mask, i, (byte)gram.Offset, (byte)lookouts[i].Rank, (short)(lookouts[i].Gate?.Bit ?? -1))));
        var marks = new List<ulong>();
        foreach (var (gram, words) in companions.Marks)
        {
            found.Add((Key(gram.Gram, gram.IsShort), new Entry(0, 0, -1 - marks.Count, 0, 0, -1)));
            marks.AddRange(words);
        }
        groups = [.. marks];
        // Entries of one gram stand together, in the order of the branches.
        var sorted = new ulong[found.Count];
        for (var i = 0; i < sorted.Length; i++)
            sorted[i] = (ulong)found[i].Key << 32 | (uint)i;
        Array.Sort(sorted);
        entries = Array.ConvertAll(sorted, item => found[(int)(uint)item].Entry);
        var grams = new List<(uint, bool)>();
        for (var i = 0; i < sorted.Length; i++)
            if (i == 0 || sorted[i] >> 32 != sorted[i - 1] >> 32)
                grams.Add(((uint)(sorted[i] >> 32), IsShort((uint)(sorted[i] >> 32))));
        Grams = grams;
        var bits = BitOperations.Log2(BitOperations.RoundUpToPowerOf2((uint)Math.Max(16, 2 * grams.Count)));
        shift = 32 - bits;
        slots = new Slot[1 << bits];
        for (var i = 0; i < sorted.Length;)
        {
            var (key, first) = ((uint)(sorted[i] >> 32), i);
            while (i < sorted.Length && (uint)(sorted[i] >> 32) == key)
                i++;
            var at = (key * Multiplier) >> shift;
            while (slots[at].Count > 0)
                at = (at + 1) & (uint)(slots.Length - 1);
            slots[at] = new Slot(key, first, i - first);
        }
    }

    public int Count => entries.Length;

    /// <summary>All grams, each once.</summary>
    public IReadOnlyList<(uint Gram, bool IsShort)> Grams { get; }

    /// <summary>Tells the sink of all that four bytes, or three of them, may be a part of.</summary>
    /// <returns>False when the sink wants no more.</returns>
    public bool Tell<TSink>(uint key, ref byte text, int at, int from, TSink sink) where TSink : struct, ICandidateSink
    {
        for (var i = (key * Multiplier) >> shift; slots[i].Count > 0; i = (i + 1) & (uint)(slots.Length - 1))
        {
            if (slots[i].Key != key)
                continue;
            foreach (ref readonly var entry in entries.AsSpan(slots[i].First, slots[i].Count))
            {
                if (entry.Branch < 0)
                    sink.Mark(groups.AsSpan(-1 - entry.Branch, groupWords), at);
                else if (at - entry.Offset >= from && entry.Fits(ref Unsafe.Add(ref text, at - entry.Offset)) && !sink.Candidate(entry.Branch, entry.Rank, entry.Gate, at - entry.Offset))
                    return false;
            }
            return true;
        }
        return true;
    }

    // No gram of four has a zero in its last byte: the text is read as if in lower case.
    private static uint Key(uint gram, bool isShort) => isShort ? gram & ThreeBytes : gram;

    private static bool IsShort(uint key) => key <= ThreeBytes;

    /// <param name="Key">The gram.</param>
    /// <param name="First">Its first entry.</param>
    /// <param name="Count">Its number of entries; 0 in an empty slot.</param>
    private readonly record struct Slot(uint Key, int First, int Count);

    /// <param name="Literal">What the anchor begins with,</param>
    /// <param name="Mask">as far as it is the same in every match.</param>
    /// <param name="Branch">The branch it betrays; of companions -1 less where their groups begin.</param>
    /// <param name="Offset">The gram's distance from the start of the anchor.</param>
    /// <param name="Rank">The branch's (<see cref="Lookout"/>).</param>
    /// <param name="Gate">The mark of its gate; -1 without one.</param>
    private readonly record struct Entry(ulong Literal, ulong Mask, int Branch, byte Offset, byte Rank, short Gate)
    {
        public bool Fits(ref byte anchor) => (((Unsafe.ReadUnaligned<ulong>(ref anchor) | (LowerCase | (ulong)LowerCase << 32)) ^ Literal) & Mask) == 0;
    }
}
