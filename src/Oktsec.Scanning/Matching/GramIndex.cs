using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Oktsec.Scanning.Matching;

/// <summary>What is told of each place where a branch may match.</summary>
internal interface ICandidateSink
{
    /// <returns>False to end the search.</returns>
    bool Candidate(Branch branch, int at);

    /// <summary>A gram of these groups of companions stands there.</summary>
    void Mark(ulong[] groups, int at);
}

/// <summary>
/// The prefilter: one pass over the text reads four bytes at every position, as if in lower case, and looks them up in a bitmap that fits the
/// first-level cache. Only a hit costs more than a nanosecond.
/// </summary>
internal sealed class GramIndex
{
    // Sixteen bits per gram: one position in sixteen looks closer for nothing. 2^18 bits are 32 KB, all of a first-level cache.
    private const int BitsPerGram = 16;
    private const int MinBits = 14;
    private const int MaxBits = 18;
    private const uint Multiplier = 0x9E3779B1;

    // Reading 'A' as 'a' takes one OR; the few other bytes it merges are told apart by the automaton.
    private const uint LowerCase = 0x20202020;
    private const uint ThreeBytes = 0xFFFFFF;

    private readonly Chains whole;
    private readonly Chains shorts;
    private readonly Dictionary<Branch, int> groupOf = [];

    public GramIndex(IReadOnlyList<Branch> branches)
    {
        var marks = Groups(branches);
        whole = new Chains(branches, marks, isShort: false);
        shorts = new Chains(branches, marks, isShort: true);
        Unfiltered = [.. branches.Where(branch => branch.Grams.Length == 0 && !branch.IsAtStart)];
        AtStart = [.. branches.Where(branch => branch.Grams.Length == 0 && branch.IsAtStart)];
    }

    /// <summary>Words of 64 bits that hold a bit for each group of companions.</summary>
    public int GroupWords { get; private set; }

    /// <summary>The group that a branch's companion is of, or -1.</summary>
    public int GroupOf(Branch branch) => groupOf.GetValueOrDefault(branch, -1);

    /// <summary>Branches without grams: they read every byte.</summary>
    public Branch[] Unfiltered { get; }

    /// <summary>Branches without grams that are tried where fields begin.</summary>
    public Branch[] AtStart { get; }

    public int GramCount => whole.Count + shorts.Count;

    /// <summary>Tells <paramref name="sink"/> of every candidate in [from, to). Eight bytes behind the text must be there to read.</summary>
    public void Scan<TSink>(ReadOnlySpan<byte> text, int from, int to, TSink sink) where TSink : class, ICandidateSink
    {
        if (GramCount == 0)
            return;
        ref var first = ref MemoryMarshal.GetReference(text);
        ref var wholeBits = ref MemoryMarshal.GetArrayDataReference(whole.Bitmap);
        ref var shortBits = ref MemoryMarshal.GetArrayDataReference(shorts.Bitmap);
        var (wholeShift, shortShift) = (whole.Shift, shorts.Shift);
        for (var i = from; i + Literals.GramLength <= to; i++)
        {
            var gram = Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref first, i)) | LowerCase;
            var hash = (gram * Multiplier) >> wholeShift;
            var shortHash = ((gram & ThreeBytes) * Multiplier) >> shortShift;
            if (((Unsafe.Add(ref wholeBits, (nint)(hash >> 6)) >> (int)(hash & 63) | Unsafe.Add(ref shortBits, (nint)(shortHash >> 6)) >> (int)(shortHash & 63)) & 1) == 0)
                continue;
            if (!whole.Confirm(gram, ref first, i, from, sink) || !shorts.Confirm(gram & ThreeBytes, ref first, i, from, sink))
                return;
        }
    }

    // Branches that wait for the same words share a group. From a companion's gram to the groups it stands for.
    private Dictionary<(uint Gram, bool IsShort), ulong[]> Groups(IReadOnlyList<Branch> branches)
    {
        var groups = new Dictionary<string, int>();
        foreach (var branch in branches)
        {
            if (branch.Companion is not { } companion)
                continue;
            var key = string.Join(',', companion.Grams.Select(gram => gram.Value).Order());
            if (!groups.TryGetValue(key, out var group))
                groups[key] = group = groups.Count;
            groupOf[branch] = group;
        }
        GroupWords = (groups.Count + 63) / 64;
        var marks = new Dictionary<(uint, bool), ulong[]>();
        foreach (var (branch, group) in groupOf)
        {
            foreach (var gram in branch.Companion!.Grams)
            {
                if (!marks.TryGetValue((gram.Value, gram.IsShort), out var words))
                    marks[(gram.Value, gram.IsShort)] = words = new ulong[GroupWords];
                words[group >> 6] |= 1UL << (group & 63);
            }
        }
        return marks;
    }

    /// <summary>From a gram to the branches that hold it, and to the companions it is one of.</summary>
    private sealed class Chains
    {
        // Entries of one hash stand together; where those of hash h begin, and behind them those of h + 1.
        private readonly int[] starts;
        private readonly Entry[] entries;
        private readonly int shift;

        /// <summary>Bit <c>(gram * Multiplier) >> Shift</c> is set for every gram.</summary>
        public readonly ulong[] Bitmap;
        public readonly int Shift;

        public Chains(IReadOnlyList<Branch> all, Dictionary<(uint Gram, bool IsShort), ulong[]> marks, bool isShort)
        {
            var found = new List<Entry>();
            foreach (var branch in all)
                foreach (var gram in branch.Grams)
                    if (gram.IsShort == isShort)
                        found.Add(new Entry(gram.Literal, gram.Mask, gram.Value, gram.Offset, branch, []));
            foreach (var (gram, groups) in marks)
                if (gram.IsShort == isShort)
                    found.Add(new Entry(0, 0, gram.Gram, 0, null, groups));
            var bits = BitOperations.Log2(BitOperations.RoundUpToPowerOf2((uint)Math.Max(64, 2 * found.Count)));
            shift = 32 - bits;
            starts = new int[(1 << bits) + 1];
            foreach (var entry in found)
                starts[((entry.Value * Multiplier) >> shift) + 1]++;
            for (var i = 1; i < starts.Length; i++)
                starts[i] += starts[i - 1];
            entries = new Entry[found.Count];
            var next = starts.ToArray();
            var mapBits = Math.Clamp(BitOperations.Log2(BitOperations.RoundUpToPowerOf2((uint)Math.Max(1, BitsPerGram * found.Count))), MinBits, MaxBits);
            Shift = 32 - mapBits;
            Bitmap = new ulong[(1 << mapBits) / 64];
            foreach (var entry in found)
            {
                entries[next[(entry.Value * Multiplier) >> shift]++] = entry;
                var hash = (entry.Value * Multiplier) >> Shift;
                Bitmap[hash >> 6] |= 1UL << (int)(hash & 63);
            }
        }

        public int Count => entries.Length;

        public bool Confirm<TSink>(uint gram, ref byte text, int at, int from, TSink sink) where TSink : class, ICandidateSink
        {
            var hash = (gram * Multiplier) >> shift;
            for (var i = starts[hash]; i < starts[hash + 1]; i++)
            {
                ref var entry = ref entries[i];
                if (entry.Value != gram)
                    continue;
                if (entry.Branch is null)
                    sink.Mark(entry.Groups, at);
                else if (at - entry.Offset >= from && entry.Fits(ref Unsafe.Add(ref text, at - entry.Offset)) && !sink.Candidate(entry.Branch, at - entry.Offset))
                    return false;
            }
            return true;
        }

        /// <param name="Literal">What the anchor begins with,</param>
        /// <param name="Mask">as far as it is the same in every match.</param>
        /// <param name="Value">The gram.</param>
        /// <param name="Offset">Its distance from the start of the branch's anchor.</param>
        /// <param name="Branch">The branch it betrays; null for a gram of companions.</param>
        /// <param name="Groups">The companions' groups.</param>
        private readonly record struct Entry(ulong Literal, ulong Mask, uint Value, int Offset, Branch? Branch, ulong[] Groups)
        {
            public bool Fits(ref byte anchor) => (((Unsafe.ReadUnaligned<ulong>(ref anchor) | (LowerCase | (ulong)LowerCase << 32)) ^ Literal) & Mask) == 0;
        }
    }
}
