using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Oktsec.Scanning.Rules;

namespace Oktsec.Scanning.Matching;

/// <summary>What is told of each place where a branch may match.</summary>
internal interface ICandidateSink
{
    /// <param name="lookout">What may match.</param>
    /// <param name="rank">When it is looked at.</param>
    /// <param name="gate">The mark of its gate; -1 without one.</param>
    /// <param name="at">Where its anchor begins.</param>
    /// <returns>False to end the search.</returns>
    bool Candidate(int lookout, int rank, int gate, int at);

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
    private readonly Table<Lookout> lookouts;

    public GramIndex(IReadOnlyList<Branch> branches, IReadOnlyList<CompiledPattern> patterns)
    {
        var groups = new CompanionGroups(branches);
        var conditions = new ConditionGates(branches, patterns, groups.Words);
        MarkWords = groups.Words + conditions.Words;
        var order = new VerifyOrder(branches, patterns);
        var lookouts = new Lookout[branches.Count];
        for (var i = 0; i < lookouts.Length; i++)
        {
            var rule = branches[i].Pattern >= 0 && patterns[branches[i].Pattern].Rule is { Condition: not null } conditional ? conditional.Index : -1;
            lookouts[i] = new Lookout(branches[i], rule, conditions.Of(branches[i]), order.Of(branches[i]), groups.Of(branches[i]));
        }
        this.lookouts = new Table<Lookout>(lookouts);
        table = new GramTable(branches, lookouts, groups);
        filter = new GramFilter(table.Keys);
        Unfiltered = [.. branches.Where(branch => branch.Alternative is { Grams.Length: 0, IsAtStart: false }).Select(branch => branch.Index)];
        AtStart = new StartBranches([.. branches.Where(branch => branch.Alternative is { Grams.Length: 0, IsAtStart: true }).Select(branch => branch.Index)]);
    }

    /// <summary>One that was written before.</summary>
    public GramIndex(ref PackReader reader)
    {
        MarkWords = reader.Int32();
        lookouts = reader.Table<Lookout>();
        table = new GramTable(ref reader);
        filter = new GramFilter(ref reader);
        Unfiltered = reader.Table<int>().Span.ToArray();
        AtStart = new StartBranches(reader.Table<int>().Span.ToArray());
    }

    public void Write(PackWriter writer)
    {
        writer.Int32(MarkWords);
        writer.Table(lookouts);
        table.Write(writer);
        filter.Write(writer);
        writer.Table(new Table<int>(Unfiltered));
        writer.Table(new Table<int>(AtStart.All));
    }

    /// <summary>Words of 64 bits that hold a bit for each group of companions and for each pattern of a gated rule.</summary>
    public int MarkWords { get; }

    /// <summary>Branches without grams: they read every byte.</summary>
    public int[] Unfiltered { get; }

    /// <summary>Branches without grams that are tried where fields begin.</summary>
    public StartBranches AtStart { get; }

    public int GramCount => table.Count;

    public int LookoutCount => lookouts.Length;

    public ref readonly Lookout this[int number] => ref lookouts[number];

    /// <summary>Tells <paramref name="sink"/> of every candidate in [from, to). Sixteen bytes behind the text must be there to read.</summary>
    [SkipLocalsInit]
    public void Scan<TSink>(ReadOnlySpan<byte> text, int from, int to, TSink sink) where TSink : struct, ICandidateSink
    {
        if (GramCount == 0)
            return;
        ref var first = ref MemoryMarshal.GetReference(text);
        Span<int> places = stackalloc int[Chunk];
        Span<Gathered> gathered = stackalloc Gathered[2 * Chunk];
        var last = to - Literals.GramLength + 1;
        for (var start = from; start < last; start += Chunk)
        {
            var count = filter.Find(ref first, start, Math.Min(last, start + Chunk), ref MemoryMarshal.GetReference(places));
            // The table is larger than the fast caches. Looked up without a branch in between, many places wait for memory together.
            count = Gather(ref first, start, places[..count], gathered);
            foreach (var (at, entry) in gathered[..count])
                if (!table.Tell(entry, ref first, at, from, sink))
                    return;
        }
    }

    private int Gather(ref byte text, int start, ReadOnlySpan<int> places, Span<Gathered> gathered)
    {
        var count = 0;
        foreach (var place in places)
        {
            var at = start + (place >> GramFilter.PlaceShift);
            var gram = Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref text, at)) | LowerCase;
            var entry = table.FirstOf((place & GramFilter.Whole) != 0 ? gram : gram & GramTable.ThreeBytes);
            gathered[count] = new Gathered(at, entry);
            count += entry == 0 ? 0 : 1;
            if ((place & (GramFilter.Whole | GramFilter.Short)) != (GramFilter.Whole | GramFilter.Short))
                continue;
            entry = table.FirstOf(gram & GramTable.ThreeBytes);
            gathered[count] = new Gathered(at, entry);
            count += entry == 0 ? 0 : 1;
        }
        return count;
    }

    /// <param name="At">Where a gram stands.</param>
    /// <param name="Entry">Its first in the table.</param>
    private readonly record struct Gathered(int At, int Entry);
}
