using Oktsec.Scanning.Matching;
using Oktsec.Scanning.Rules;

namespace Oktsec.Scanning.Scan;

/// <summary>What stands where in a view, in blocks of 64 bytes: a bit for each group of companions and for each pattern of a rule with a condition.</summary>
internal sealed class AnchorMarks
{
    private const int BlockBits = 6;

    private ulong[] marks = [];
    private int words;
    private int from;
    private int to;

    /// <summary>Nothing is marked in [start, end).</summary>
    /// <param name="wordsPerBlock">Words of 64 bits that hold the bits of a block.</param>
    /// <param name="start">First byte.</param>
    /// <param name="end">Behind the last.</param>
    public void Begin(int wordsPerBlock, int start, int end)
    {
        (words, from, to) = (wordsPerBlock, start, end);
        var (first, behind) = ((from >> BlockBits) * words, ((to >> BlockBits) + 1) * words);
        if (marks.Length < behind)
            Array.Resize(ref marks, behind + behind / 2);
        Array.Clear(marks, first, behind - first);
    }

    public void Set(ReadOnlySpan<ulong> groups, int at)
    {
        var block = marks.AsSpan((at >> BlockBits) * words, groups.Length);
        for (var i = 0; i < groups.Length; i++)
            block[i] |= groups[i];
    }

    /// <param name="bit">Counted from the first word of a block.</param>
    /// <param name="at">Where it stands.</param>
    public void Set(int bit, int at) => marks[(at >> BlockBits) * words + (bit >> 6)] |= 1UL << bit;

    /// <summary>Whether a word of the companion's group, if it has one, stands near an anchor.</summary>
    public bool HasCompanion(in Lookout lookout, int at) =>
        lookout.Group < 0 || (Near(at - lookout.Before, at + lookout.After, lookout.Group >> 6) >> (lookout.Group & 63) & 1) != 0;

    /// <summary>Whether anchors of so many of the rule's patterns stand near that its condition may hold.</summary>
    public bool MayFulfil(in Lookout lookout, RuleCondition condition, int at) =>
        lookout.MayFulfil(condition, Near(at - lookout.Reach, at + lookout.Reach, lookout.GateWord));

    private ulong Near(int first, int last, int word)
    {
        var found = 0UL;
        for (var block = Math.Max(from, first) >> BlockBits; block <= Math.Min(to, last) >> BlockBits; block++)
            found |= marks[block * words + word];
        return found;
    }
}
