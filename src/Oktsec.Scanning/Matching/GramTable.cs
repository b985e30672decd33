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
        foreach (var (key, words) in companions.Marks)
        {
            found.Add((key, new Entry(0, 0, -1 - marks.Count, 0, 0, -1)));
            marks.AddRange(words);
        }
        groups = [.. marks];
        var bits = GramFilter.BitsFor(2 * found.Count, atLeast: 4);
        shift = 32 - bits;
        slots = new Slot[1 << bits];
        foreach (var (key, _) in found)
        {
            ref var slot = ref slots[SlotOf(key)];
            slot = new Slot(key, 0, slot.Count + 1);
        }
        // Entries of one gram stand together, in the order of the branches.
        var keys = new List<uint>();
        var next = new int[slots.Length];
        var first = 0;
        for (var i = 0; i < slots.Length; i++)
        {
            if (slots[i].Count == 0)
                continue;
            keys.Add(slots[i].Key);
            next[i] = first;
            slots[i] = slots[i] with { First = first };
            first += slots[i].Count;
        }
        Keys = keys;
        entries = new Entry[found.Count];
        foreach (var (key, entry) in found)
            entries[next[SlotOf(key)]++] = entry;
    }

    public int Count => entries.Length;

    /// <summary>All grams, each once; those of three bytes have a zero in front.</summary>
    public IReadOnlyList<uint> Keys { get; }

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

    /// <summary>What a gram is filed under. No gram of four has a zero in its last byte: the text is read as if in lower case.</summary>
    public static uint Key(uint gram, bool isShort) => isShort ? gram & ThreeBytes : gram;

    public static bool IsShort(uint key) => key <= ThreeBytes;

    // Where a key is, or would be.
    private uint SlotOf(uint key)
    {
        var at = key * Multiplier >> shift;
        while (slots[at].Count > 0 && slots[at].Key != key)
            at = (at + 1) & (uint)(slots.Length - 1);
        return at;
    }

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
