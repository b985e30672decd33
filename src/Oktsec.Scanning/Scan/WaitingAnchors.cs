using Oktsec.Scanning.Matching;

namespace Oktsec.Scanning.Scan;

/// <summary>
/// Anchors to be looked at more closely, by what they are of. One branch after another, because a look at an anchor is a dozen places of memory, and all anchors of
/// a branch share them; one place of the text after another would find each of them gone from the caches.
/// </summary>
internal sealed class WaitingAnchors
{
    // Text made of anchors: what comes beyond is verified at once.
    private const int MaxCount = 1 << 18;

    private readonly List<int>[] waiting = new List<int>[VerifyOrder.Ranks];
    private (int Lookout, int At)[] anchors = new (int, int)[256];
    private int[] places = [];

    // By lookout: how many wait, and behind which of the places the last of them stands.
    private (int Count, int End)[] ends = [];
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
        count = 0;
        if (ends.Length < lookouts)
            ends = new (int, int)[lookouts];
    }

    /// <summary>False when there are too many.</summary>
    public bool TryAdd(int lookout, int rank, int at)
    {
        if (count == anchors.Length)
        {
            if (count >= MaxCount)
                return false;
            Array.Resize(ref anchors, 2 * count);
        }
        if (ends[lookout].Count++ == 0)
            waiting[rank].Add(lookout);
        anchors[count++] = (lookout, at);
        return true;
    }

    /// <summary>All has been added: puts the anchors of each lookout together.</summary>
    public void Sort()
    {
        if (places.Length < count)
            places = new int[anchors.Length];
        var next = 0;
        foreach (var list in waiting)
        {
            foreach (var lookout in list)
            {
                ends[lookout].End = next;
                next += ends[lookout].Count;
            }
        }
        foreach (var (lookout, at) in anchors.AsSpan(0, count))
            places[ends[lookout].End++] = at;
    }

    /// <summary>Lookouts that wait, of one rank.</summary>
    public List<int> Of(int rank) => waiting[rank];

    /// <summary>Where the anchors of a lookout stand, in the order of the text.</summary>
    public ReadOnlySpan<int> Places(int lookout) => places.AsSpan(ends[lookout].End - ends[lookout].Count, ends[lookout].Count);
}
