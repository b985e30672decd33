namespace Oktsec.Scanning.Scan;

/// <summary>How far a branch has been read in this scan.</summary>
internal struct BranchState
{
    /// <summary>Anchors before that are done with.</summary>
    public int DoneUpTo;

    /// <summary>Steps its automata took.</summary>
    public long Spent;
}
