using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Oktsec.Scanning.Rules;

namespace Oktsec.Scanning.Matching;

/// <summary>From a gram to the branches that hold it, and to the companions it is one of.</summary>
internal sealed class GramTable
{
    public const uint ThreeBytes = 0xFFFFFF;
    private const uint Multiplier = 0x9E3779B1;

    private readonly int shift;
    private readonly Table<GramSlot> slots;
    private readonly Table<GramEntry> entries;
    private readonly Table<ulong> groups;
    private readonly int groupWords;

    public GramTable(IReadOnlyList<Branch> branches, Lookout[] lookouts, CompanionGroups companions)
    {
        groupWords = companions.Words;
        var found = new List<(uint Key, GramEntry Entry)>();
        for (var i = 0; i < lookouts.Length; i++)
            foreach (var gram in branches[i].Alternative.Grams)
                found.Add((Key(gram.Value, gram.IsShort), new GramEntry(gram.Literal, gram.Mask, i, (byte)gram.Offset, lookouts[i].GateBit, lookouts[i].Rank)));
        var marks = new List<ulong>();
        foreach (var (key, words) in companions.Marks)
        {
            found.Add((key, new GramEntry(0, 0, -1 - marks.Count, 0, -1, 0)));
            marks.AddRange(words);
        }
        groups = new Table<ulong>(CollectionsMarshal.AsSpan(marks));
        var bits = GramFilter.BitsFor(2 * found.Count, atLeast: 4);
        shift = 32 - bits;
        var slots = new GramSlot[1 << bits];
        var counts = new int[slots.Length];
        foreach (var (key, _) in found)
        {
            var slot = SlotOf(slots, shift, key);
            slots[slot] = new GramSlot(key, First: 1);
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
        var entries = new GramEntry[first];
        foreach (var (key, entry) in found)
        {
            var slot = SlotOf(slots, shift, key);
            entries[next[slot]++] = --counts[slot] == 0 ? entry.AsLast() : entry;
        }
        (this.slots, this.entries) = (new Table<GramSlot>(slots), new Table<GramEntry>(entries));
    }

    /// <summary>One that was written before.</summary>
    public GramTable(ref PackReader reader)
    {
        (shift, groupWords) = (reader.Int32(), reader.Int32());
        (slots, entries, groups) = (reader.Table<GramSlot>(), reader.Table<GramEntry>(), reader.Table<ulong>());
    }

    public void Write(PackWriter writer)
    {
        writer.Int32(shift);
        writer.Int32(groupWords);
        writer.Table(slots);
        writer.Table(entries);
        writer.Table(groups);
    }

    public int Count => entries.Length - 1;

    /// <summary>All grams, each once; those of three bytes have a zero in front. Of one that was written before, none.</summary>
    public IReadOnlyList<uint> Keys { get; } = [];

    /// <summary>The first entry of a gram, on its way to the fast caches; 0 when there is none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int FirstOf(uint key)
    {
        ref readonly var slot = ref slots.At((nint)(key * Multiplier >> shift));
        var first = slot.Key == key ? slot.First : slot.First == 0 ? 0 : Probe(key);
        Prefetch.Read(ref entries.At(first));
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
            if (entry.Lookout < 0)
                sink.Mark(groups.Span.Slice(-1 - entry.Lookout, groupWords), at);
            else if (at - entry.Offset >= from && entry.Fits(ref Unsafe.Add(ref text, at - entry.Offset)) && !sink.Candidate(entry.Lookout, entry.Rank, entry.Gate, at - entry.Offset))
                return false;
            if (entry.IsLast)
                return true;
        }
    }

    /// <summary>What a gram is filed under. No gram of four has a zero in its last byte: the text is read as if in lower case.</summary>
    public static uint Key(uint gram, bool isShort) => isShort ? gram & ThreeBytes : gram;

    public static bool IsShort(uint key) => key <= ThreeBytes;

    // The gram's first entry when another stands where it should: further on, or nowhere.
    private int Probe(uint key) => slots[(int)SlotOf(slots.Span, shift, key)].First;

    // Where a key is, or would be.
    private static uint SlotOf(ReadOnlySpan<GramSlot> slots, int shift, uint key)
    {
        var at = key * Multiplier >> shift;
        while (slots[(int)at].First > 0 && slots[(int)at].Key != key)
            at = (at + 1) & (uint)(slots.Length - 1);
        return at;
    }
}
