using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

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
                found.Add((Key(gram.Value, gram.IsShort), new Entry(gram.Literal, gram.Mask, i, (byte)gram.Offset, (short)(lookouts[i].Gate?.Bit ?? -1)) { Rank = lookouts[i].Rank }));
        var marks = new List<ulong>();
        foreach (var (key, words) in companions.Marks)
        {
            found.Add((key, new Entry(0, 0, -1 - marks.Count, 0, -1)));
            marks.AddRange(words);
        }
        groups = [.. marks];
        var bits = GramFilter.BitsFor(2 * found.Count, atLeast: 4);
        shift = 32 - bits;
        slots = new Slot[1 << bits];
        var counts = new int[slots.Length];
        foreach (var (key, _) in found)
        {
            var slot = SlotOf(key);
            slots[slot] = new Slot(key, First: 1);
            counts[slot]++;
        }
        // Entries of one gram stand together, in the order of the branches; the first of all is none.
        var keys = new List<uint>();
        var next = new int[slots.Length];
        var first = 1;
        for (var i = 0; i < slots.Length; i++)
        {
            if (counts[i] == 0)
                continue;
            keys.Add(slots[i].Key);
            next[i] = first;
            slots[i] = slots[i] with { First = first };
            first += counts[i];
        }
        Keys = keys;
        entries = new Entry[first];
        foreach (var (key, entry) in found)
        {
            var slot = SlotOf(key);
            entries[next[slot]++] = entry with { IsLast = --counts[slot] == 0 };
        }
    }

    public int Count => entries.Length - 1;

    /// <summary>All grams, each once; those of three bytes have a zero in front.</summary>
    public IReadOnlyList<uint> Keys { get; }

    /// <summary>The first entry of a gram, on its way to the fast caches; 0 when there is none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int FirstOf(uint key)
    {
        ref var slot = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(slots), (nint)(key * Multiplier >> shift));
        var first = slot.Key == key ? slot.First : slot.First == 0 ? 0 : Probe(key);
        Prefetch.Read(ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(entries), first));
        return first;
    }

    /// <summary>Tells the sink of all that a gram at a place may be a part of.</summary>
    /// <param name="first">The gram's first entry.</param>
    /// <param name="text">First byte of the text.</param>
    /// <param name="at">Where the gram stands.</param>
    /// <param name="from">No anchor begins before.</param>
    /// <param name="sink">What is told.</param>
    /// <returns>False when the sink wants no more.</returns>
    public bool Tell<TSink>(int first, ref byte text, int at, int from, TSink sink) where TSink : struct, ICandidateSink
    {
        for (; ; first++)
        {
            ref readonly var entry = ref entries[first];
            if (entry.Branch < 0)
                sink.Mark(groups.AsSpan(-1 - entry.Branch, groupWords), at);
            else if (at - entry.Offset >= from && entry.Fits(ref Unsafe.Add(ref text, at - entry.Offset)) && !sink.Candidate(entry.Branch, entry.Rank, entry.Gate, at - entry.Offset))
                return false;
            if (entry.IsLast)
                return true;
        }
    }

    /// <summary>What a gram is filed under. No gram of four has a zero in its last byte: the text is read as if in lower case.</summary>
    public static uint Key(uint gram, bool isShort) => isShort ? gram & ThreeBytes : gram;

    public static bool IsShort(uint key) => key <= ThreeBytes;

    // The gram's first entry when another stands where it should: further on, or nowhere.
    private int Probe(uint key) => slots[SlotOf(key)].First;

    // Where a key is, or would be.
    private uint SlotOf(uint key)
    {
        var at = key * Multiplier >> shift;
        while (slots[at].First > 0 && slots[at].Key != key)
            at = (at + 1) & (uint)(slots.Length - 1);
        return at;
    }

    /// <param name="Key">The gram.</param>
    /// <param name="First">Its first entry; 0 in an empty slot.</param>
    private readonly record struct Slot(uint Key, int First);

    /// <param name="Literal">What the anchor begins with,</param>
    /// <param name="Mask">as far as it is the same in every match.</param>
    /// <param name="Branch">The branch it betrays; of companions -1 less where their groups begin.</param>
    /// <param name="Offset">The gram's distance from the start of the anchor.</param>
    /// <param name="Gate">The mark of its gate; -1 without one.</param>
    private readonly record struct Entry(ulong Literal, ulong Mask, int Branch, byte Offset, short Gate)
    {
        // The lowest bit says whether the gram's entries end here: with a field of its own an entry would be a third larger.
        private readonly byte rankAndLast;

        /// <summary>The branch's (<see cref="Lookout"/>).</summary>
        public int Rank
        {
            get => rankAndLast >> 1;
            init => rankAndLast = (byte)(value << 1 | rankAndLast & 1);
        }

        /// <summary>No more entries of the gram come behind it.</summary>
        public bool IsLast
        {
            get => (rankAndLast & 1) != 0;
            init => rankAndLast = (byte)(rankAndLast & ~1 | (value ? 1 : 0));
        }

        public bool Fits(ref byte anchor) => (((Unsafe.ReadUnaligned<ulong>(ref anchor) | (LowerCase | (ulong)LowerCase << 32)) ^ Literal) & Mask) == 0;
    }
}
