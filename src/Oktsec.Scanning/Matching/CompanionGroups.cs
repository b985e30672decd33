namespace Oktsec.Scanning.Matching;

/// <summary>Branches that wait for the same words share a group, and a group is a bit.</summary>
internal sealed class CompanionGroups
{
    private readonly Dictionary<Branch, int> groupOf = [];
    private readonly Dictionary<(uint Gram, bool IsShort), ulong[]> marks = [];

    public CompanionGroups(IReadOnlyList<Branch> branches)
    {
        var groups = new Dictionary<string, int>();
        foreach (var branch in branches)
        {
            if (branch.Alternative.Companion is not { } companion)
                continue;
            var key = string.Join(',', companion.Grams.Select(gram => gram.Value).Order());
            if (!groups.TryGetValue(key, out var group))
                groups[key] = group = groups.Count;
            groupOf[branch] = group;
        }
        Words = (groups.Count + 63) / 64;
        foreach (var (branch, group) in groupOf)
        {
            foreach (var gram in branch.Alternative.Companion!.Grams)
            {
                if (!marks.TryGetValue((gram.Value, gram.IsShort), out var words))
                    marks[(gram.Value, gram.IsShort)] = words = new ulong[Words];
                words[group >> 6] |= 1UL << (group & 63);
            }
        }
    }

    /// <summary>Words of 64 bits that hold a bit for each group.</summary>
    public int Words { get; }

    /// <summary>The groups that a gram stands for, by gram.</summary>
    public IReadOnlyDictionary<(uint Gram, bool IsShort), ulong[]> Marks => marks;

    /// <summary>The group that a branch's companion is of, or -1.</summary>
    public int Of(Branch branch) => groupOf.GetValueOrDefault(branch, -1);
}
