using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Oktsec.Scanning.Rules;

namespace Oktsec.Scanning.Matching;

/// <summary>What is told of each place where a branch may match.</summary>
internal interface ICandidateSink
{
    /// <param name="branch">What may match.</param>
    /// <param name="group">The group of its companion; -1 without one.</param>
    /// <param name="at">Where its anchor begins.</param>
    /// <returns>False to end the search.</returns>
    bool Candidate(Branch branch, int group, int at);

    /// <summary>A gram of these groups of companions, a bit each, stands there.</summary>
    void Mark(ReadOnlySpan<ulong> groups, int at);
}

/// <summary>
/// The prefilter: one pass over the text reads four bytes at every position, as if in lower case, and asks a small table whether a gram begins with them.
/// Places where the answer is yes are written down without a branch, because no processor can guess them, and looked at afterwards.
/// </summary>
internal sealed class GramIndex
{
    // Reading 'A' as 'a' takes one OR; the few other bytes it merges are told apart by the automaton.
    private const uint LowerCase = 0x20202020;

    // Places looked at together: those written down stay in the first-level cache.
    private const int Chunk = 2048;

    private readonly GramFilter filter;
    private readonly GramTable table;
    private readonly ConditionGate?[] gates;

    public GramIndex(IReadOnlyList<Branch> branches, IReadOnlyList<CompiledPattern> patterns)
    {
        var groups = new CompanionGroups(branches);
        var conditions = new ConditionGates(branches, patterns, groups.Words);
        MarkWords = groups.Words + conditions.Words;
        gates = new ConditionGate?[branches.Count > 0 ? branches.Max(branch => branch.Index) + 1 : 0];
        foreach (var branch in branches)
            gates[branch.Index] = conditions.Of(branch);
        table = new GramTable(branches, groups);
        filter = new GramFilter(table.Grams);
        Unfiltered = [.. branches.Where(branch => branch.Alternative is { Grams.Length: 0, IsAtStart: false })];
        AtStart = new StartBranches([.. branches.Where(branch => branch.Alternative is { Grams.Length: 0, IsAtStart: true })]);
    }

    /// <summary>Words of 64 bits that hold a bit for each group of companions and for each pattern of a gated rule.</summary>
    public int MarkWords { get; }

    /// <summary>Branches without grams: they read every byte.</summary>
    public Branch[] Unfiltered { get; }

    /// <summary>Branches without grams that are tried where fields begin.</summary>
    public StartBranches AtStart { get; }

    public int GramCount => table.Count;

    /// <summary>What else must stand near the branch's anchor for its match to count; null when nothing must.</summary>
    public ConditionGate? GateOf(Branch branch) => gates[branch.Index];

    /// <summary>Tells <paramref name="sink"/> of every candidate in [from, to). Sixteen bytes behind the text must be there to read.</summary>
    [SkipLocalsInit]
    public void Scan<TSink>(ReadOnlySpan<byte> text, int from, int to, TSink sink) where TSink : class, ICandidateSink
    {
        if (GramCount == 0)
            return;
        ref var first = ref MemoryMarshal.GetReference(text);
        Span<int> places = stackalloc int[Chunk];
        var last = to - Literals.GramLength + 1;
        for (var start = from; start < last; start += Chunk)
        {
            var count = filter.Find(ref first, start, Math.Min(last, start + Chunk), ref MemoryMarshal.GetReference(places));
            foreach (var at in places[..count])
            {
                var gram = Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref first, at)) | LowerCase;
                if (!table.Tell(gram, filter.MayBeShort(gram), ref first, at, from, sink))
                    return;
            }
        }
    }
}
