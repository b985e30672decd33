namespace Oktsec.Scanning.Matching;

/// <summary>What building a state of a <see cref="LazyDfa"/> works with.</summary>
internal sealed class ClosureScratch
{
    // A step has been seen when it carries the number of the present turn: nothing has to be cleared.
    private int[] seen = new int[1024];
    private int turn;

    public Stack<int> Open { get; } = new();

    public List<int> Kept { get; } = [];

    public List<int> Next { get; } = [];

    public void Begin(int steps)
    {
        if (seen.Length < steps)
            (seen, turn) = (new int[steps], 0);
        if (++turn == int.MaxValue)
        {
            Array.Clear(seen);
            turn = 1;
        }
        Open.Clear();
        Kept.Clear();
    }

    public bool IsNew(int step)
    {
        if (seen[step] == turn)
            return false;
        seen[step] = turn;
        return true;
    }
}
