using System.Runtime.InteropServices;

namespace Oktsec.Scanning.Matching;

/// <summary>Branches that wait for the same words share a group, and a group is a bit.</summary>
internal sealed class CompanionGroups
{
    private readonly Dictionary<Branch, int> groupOf = [];
    private readonly Dictionary<uint, ulong[]> marks = [];

    public CompanionGroups(IReadOnlyList<Branch> branches)
    {
        var groups = new Dictionary<string, int>();
        foreach (var branch in branches)
        {
            if (branch.Alternative.Companion is not { } companion)
                continue;
            var grams = Array.ConvertAll(companion.Grams, gram => (int)gram.Value);
            Ascending.Sort(grams);
            var key = new string(MemoryMarshal.Cast<int, char>(grams));
            if (!groups.TryGetValue(key, out var group))
                groups[key] = group = groups.Count;
            groupOf[branch] = group;
        }
        Words = (groups.Count + 63) / 64;
        foreach (var (branch, group) in groupOf)
        {
            foreach (var gram in branch.Alternative.Companion!.Grams)
            {
                var key = GramTable.Key(gram.Value, gram.IsShort);
                if (!marks.TryGetValue(key, out var words))
                    marks[key] = words = new ulong[Words];
                words[group >> 6] |= 1UL << (group & 63);
            }
        }
    }

    /// <summary>Words of 64 bits that hold a bit for each group.</summary>
    public int Words { get; }

    /// <summary>The groups that a gram stands for, by its key (<see cref="GramTable.Key"/>).</summary>
    public IReadOnlyDictionary<uint, ulong[]> Marks => marks;

    /// <summary>The group that a branch's companion is of, or -1.</summary>
    public int Of(Branch branch) => groupOf.GetValueOrDefault(branch, -1);
}
