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
        whole = new Chains(branches, isShort: false);
        shorts = new Chains(branches, isShort: true);
        foreach (var branch in branches)
        {
            foreach (var gram in branch.Grams)
            {
                // Whatever byte stands behind a short gram, its bit is set.
                for (var last = 0u; last < (gram.IsShort ? 256u : 1u); last++)
                {
                    var hash = Hash(gram.Value | (gram.IsShort ? (last << 24 | LowerCase) : 0));
                    bitmap[hash >> 6] |= 1UL << (int)(hash & 63);
                }
            }
        }
        Unfiltered = [.. branches.Where(branch => branch.Grams.Length == 0)];
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

    /// <summary>From a gram to the branches that hold it.</summary>
    private sealed class Chains
    {
        private readonly int[] heads;
        private readonly int[] next;
        private readonly Gram[] grams;
        private readonly Branch[] branches;
        private readonly int shift;

        public Chains(IReadOnlyList<Branch> all, bool isShort)
        {
            foreach (var branch in all)
                foreach (var gram in branch.Grams)
                    Count += gram.IsShort == isShort ? 1 : 0;
            var bits = BitOperations.Log2(BitOperations.RoundUpToPowerOf2((uint)Math.Max(64, 2 * Count)));
            shift = 32 - bits;
            heads = new int[1 << bits];
            Array.Fill(heads, -1);
            (next, grams, branches) = (new int[Count], new Gram[Count], new Branch[Count]);
            var at = 0;
            foreach (var branch in all)
            {
                foreach (var gram in branch.Grams)
                {
                    if (gram.IsShort != isShort)
                        continue;
                    ref var head = ref heads[(gram.Value * Multiplier) >> shift];
                    (grams[at], branches[at], next[at]) = (gram, branch, head);
                    head = at++;
                }
            }
        }

        public int Count { get; }

        public bool Confirm<TSink>(uint gram, int at, int from, TSink sink) where TSink : class, ICandidateSink
        {
            if (Count == 0)
                return true;
            for (var i = heads[(gram * Multiplier) >> shift]; i >= 0; i = next[i])
                if (grams[i].Value == gram && at - grams[i].Offset >= from && !sink.Candidate(branches[i], at - grams[i].Offset))
                    return false;
            return true;
        }
    }
}
