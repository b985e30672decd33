using Oktsec.Scanning.Rules;

namespace Oktsec.Scanning.Matching;

/// <summary>Branches without grams that are tried where fields begin: one automaton for all of them says whether any can match there, as a rule none.</summary>
internal sealed class StartBranches(int[] branches)
{
    private LazyDfa? union;
    private bool isTooLarge;

    public ReadOnlySpan<int> All => branches;

    /// <summary>False when none of them matches from <paramref name="at"/> on.</summary>
    /// <param name="all">The rule set's branches.</param>
    /// <param name="text">The view.</param>
    /// <param name="at">Where a field or a value begins.</param>
    /// <param name="steps">What is left.</param>
    public bool MayMatchFrom(Lazily<Branch> all, ReadOnlySpan<byte> text, int at, ref long steps) =>
        branches.Length == 1 || isTooLarge || (union ??= Compile(all)) is not { } dfa || dfa.Forward(text, at, ref steps) >= 0;

    private LazyDfa? Compile(Lazily<Branch> all)
    {
        try
        {
            return new LazyDfa(Nfa.Compile(new RegexNode.Alternate([.. branches.Select(branch => all[branch].Alternative.Tree)])), isAnchored: true, isShortest: true);
        }
        catch (PatternException)
        {
            // Many of a user's patterns together; each by itself is small enough, or was refused at load.
            isTooLarge = true;
            return null;
        }
    }
}
