using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Oktsec.Scanning.Matching;

/// <summary>What is told of each place where a branch may match.</summary>
internal interface ICandidateSink
{
    /// <returns>False to end the search.</returns>
    bool Candidate(Branch branch, int at);
}

/// <summary>
/// The prefilter: one pass over the text reads four bytes at every position, as if in lower case, and looks them up in a bitmap that fits the
/// first-level cache. Only a hit costs more than a nanosecond.
/// </summary>
internal sealed class GramIndex
{
    // 2^16 bits are 8 KB: a quarter of the first-level cache, and 3 % filled by 2,000 grams.
    private const int BitmapBits = 16;
    private const uint Multiplier = 0x9E3779B1;

    // Reading 'A' as 'a' takes one OR; the few other bytes it merges are told apart by the automaton.
    private const uint LowerCase = 0x20202020;

    private readonly ulong[] bitmap = new ulong[(1 << BitmapBits) / 64];
    private readonly Chains whole;
    private readonly Chains shorts;

    public GramIndex(IReadOnlyList<Branch> branches)
    {
        var grams = branches.SelectMany(branch => branch.Grams.Select(gram => (branch, gram))).ToList();
        whole = new Chains([.. grams.Where(entry => !entry.gram.IsShort)]);
        shorts = new Chains([.. grams.Where(entry => entry.gram.IsShort)]);
        foreach (var (_, gram) in grams)
        {
            // Whatever byte stands behind a short gram, its bit is set.
            for (var last = 0u; last < (gram.IsShort ? 256u : 1u); last++)
            {
                var hash = Hash(gram.Value | (gram.IsShort ? (last << 24 | LowerCase) : 0));
                bitmap[hash >> 6] |= 1UL << (int)(hash & 63);
            }
        }
        Unfiltered = [.. branches.Where(branch => branch.Grams.Count == 0)];
    }

    /// <summary>Branches without grams: they read every byte.</summary>
    public Branch[] Unfiltered { get; }

    public int GramCount => whole.Count + shorts.Count;

    private static uint Hash(uint gram) => (gram * Multiplier) >> (32 - BitmapBits);

    /// <summary>Tells <paramref name="sink"/> of every candidate in [from, to).</summary>
    public void Scan<TSink>(ReadOnlySpan<byte> text, int from, int to, TSink sink) where TSink : class, ICandidateSink
    {
        if (GramCount == 0)
            return;
        ref var first = ref MemoryMarshal.GetReference(text);
        ref var bits = ref MemoryMarshal.GetArrayDataReference(bitmap);
        for (var i = from; i + Literals.GramLength <= to; i++)
        {
            var gram = Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref first, i)) | LowerCase;
            var hash = (gram * Multiplier) >> (32 - BitmapBits);
            if ((Unsafe.Add(ref bits, (nint)(hash >> 6)) >> (int)(hash & 63) & 1) == 0)
                continue;
            if (!whole.Confirm(gram, i, from, sink) || !shorts.Confirm(gram & 0xFFFFFF, i, from, sink))
                return;
        }
    }

    private readonly record struct Entry(uint Gram, int Offset, int Next, Branch Branch);

    /// <summary>From a gram to the branches that hold it.</summary>
    private readonly struct Chains
    {
        private readonly int[] heads;
        private readonly Entry[] entries;
        private readonly int shift;

        public Chains(IReadOnlyList<(Branch Branch, Literals.Gram Gram)> grams)
        {
            var bits = BitOperations.Log2(BitOperations.RoundUpToPowerOf2((uint)Math.Max(64, 2 * grams.Count)));
            shift = 32 - bits;
            heads = new int[1 << bits];
            Array.Fill(heads, -1);
            entries = new Entry[grams.Count];
            for (var i = 0; i < entries.Length; i++)
            {
                ref var head = ref heads[(grams[i].Gram.Value * Multiplier) >> shift];
                entries[i] = new Entry(grams[i].Gram.Value, grams[i].Gram.Offset, head, grams[i].Branch);
                head = i;
            }
        }

        public int Count => entries.Length;

        public bool Confirm<TSink>(uint gram, int at, int from, TSink sink) where TSink : class, ICandidateSink
        {
            if (entries.Length == 0)
                return true;
            for (var i = heads[(gram * Multiplier) >> shift]; i >= 0; i = entries[i].Next)
            {
                ref readonly var entry = ref entries[i];
                if (entry.Gram == gram && at - entry.Offset >= from && !sink.Candidate(entry.Branch, at - entry.Offset))
                    return false;
            }
            return true;
        }
    }
}
