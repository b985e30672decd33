using Oktsec.Scanning.Matching;

namespace Oktsec.Scanning.Scan;

/// <summary>
/// Anchors to be looked at more closely, by what they are of. One branch after another, because a look at an anchor is a dozen places of memory, and all anchors of
/// a branch share them; one place of the text after another would find each of them gone from the caches.
/// </summary>
internal sealed class WaitingAnchors
{
    // Text made of anchors: what comes beyond is verified at once.
    private const int MaxCount = 200_000;

    private readonly List<int>[] waiting = new List<int>[VerifyOrder.Ranks];
    private (int At, int Next)[] anchors = new (int, int)[256];
    private (int First, int Last)[] ends = [];
    private int count;

    public WaitingAnchors()
    {
        for (var rank = 0; rank < waiting.Length; rank++)
            waiting[rank] = [];
    }

    /// <summary>Nothing waits.</summary>
    /// <param name="lookouts">How many there are.</param>
    public void Begin(int lookouts)
    {
        foreach (var list in waiting)
        {
            foreach (var lookout in list)
                ends[lookout] = default;
            list.Clear();
        }
        // Number 0 is the end of a list.
        count = 1;
        if (ends.Length < lookouts)
            ends = new (int, int)[lookouts];
    }

    /// <summary>Lookouts that wait, of one rank.</summary>
    public List<int> Of(int rank) => waiting[rank];

    /// <summary>False when there are too many.</summary>
    public bool TryAdd(int lookout, int rank, int at)
    {
        if (count > MaxCount)
            return false;
        if (count == anchors.Length)
            Array.Resize(ref anchors, 2 * count);
        ref var end = ref ends[lookout];
        if (end.First == 0)
        {
            waiting[rank].Add(lookout);
            end.First = count;
        }
        else
        {
            anchors[end.Last].Next = count;
        }
        end.Last = count;
        anchors[count++] = (at, 0);
        return true;
    }

    /// <summary>The first anchor of a lookout.</summary>
    public int First(int lookout) => ends[lookout].First;

    /// <summary>Where an anchor stands, and the next of the same lookout; 0 after the last.</summary>
    public (int At, int Next) this[int anchor] => anchors[anchor];
}
