namespace Oktsec.Scanning.Matching;

/// <summary>A regular expression as a tree. Only what is regular can be said with it: no backreference, no lookaround.</summary>
internal abstract record RegexNode
{
    public sealed record Empty : RegexNode
    {
        public static Empty Instance { get; } = new();
    }

    /// <param name="Chars">The characters.</param>
    /// <param name="IsReversed">The bytes of a character are read last to first.</param>
    public sealed record Set(CharSet Chars, bool IsReversed = false) : RegexNode;

    public sealed record Concat(IReadOnlyList<RegexNode> Items) : RegexNode;

    public sealed record Alternate(IReadOnlyList<RegexNode> Branches) : RegexNode;

    /// <param name="Body">What repeats.</param>
    /// <param name="Min">At least so often.</param>
    /// <param name="Max">At most so often; -1 without bound.</param>
    /// <param name="IsLazy">As few as possible.</param>
    public sealed record Repeat(RegexNode Body, int Min, int Max, bool IsLazy) : RegexNode;

    public sealed record Assert(Assertion Kind) : RegexNode;

    /// <param name="Body">The group's content.</param>
    /// <param name="Name">Empty for a group without a name.</param>
    public sealed record Group(RegexNode Body, string Name) : RegexNode;

    /// <summary>The tree of the reversed language, for running from a match's end to its start.</summary>
    public RegexNode Reverse() => this switch
    {
        Set s => s with { IsReversed = !s.IsReversed },
        Concat c => new Concat([.. c.Items.Reverse().Select(item => item.Reverse())]),
        Alternate a => new Alternate([.. a.Branches.Select(branch => branch.Reverse())]),
        Repeat r => r with { Body = r.Body.Reverse() },
        Group g => g with { Body = g.Body.Reverse() },
        Assert a => new Assert(a.Kind switch
        {
            Assertion.TextStart => Assertion.TextEnd,
            Assertion.TextEnd => Assertion.TextStart,
            Assertion.LineStart => Assertion.LineEnd,
            Assertion.LineEnd => Assertion.LineStart,
            var kind => kind,
        }),
        _ => this,
    };

    public bool HasLazy() => this switch
    {
        Concat c => c.Items.Any(item => item.HasLazy()),
        Alternate a => a.Branches.Any(branch => branch.HasLazy()),
        Repeat r => r.IsLazy || r.Body.HasLazy(),
        Group g => g.Body.HasLazy(),
        _ => false,
    };
}

internal enum Assertion : byte
{
    TextStart,
    TextEnd,
    LineStart,
    LineEnd,
    WordEdge,
    NoWordEdge,
}
