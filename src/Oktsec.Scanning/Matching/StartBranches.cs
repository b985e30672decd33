namespace Oktsec.Scanning.Matching;

/// <summary>Branches without grams that are tried where fields begin: one automaton for all of them says whether any can match there, as a rule none.</summary>
internal sealed class StartBranches(Branch[] branches)
{
    private LazyDfa? union;
    private bool isTooLarge;

    public ReadOnlySpan<Branch> All => branches;

    /// <summary>False when none of them matches from <paramref name="at"/> on.</summary>
    public bool MayMatchFrom(ReadOnlySpan<byte> text, int at, ref long steps) =>
        branches.Length == 1 || isTooLarge || (union ??= Compile()) is not { } dfa || dfa.Forward(text, at, ref steps) >= 0;

    private LazyDfa? Compile()
    {
        try
        {
            return new LazyDfa(Nfa.Compile(new RegexNode.Alternate([.. branches.Select(branch => branch.Alternative.Tree)])), isAnchored: true, isShortest: true);
        }
        catch (PatternException)
        {
            // Many of a user's patterns together; each by itself is small enough, or was refused at load.
            isTooLarge = true;
            return null;
        }
    }
}
