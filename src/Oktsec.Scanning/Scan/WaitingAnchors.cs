using Oktsec.Scanning.Matching;

namespace Oktsec.Scanning.Scan;

/// <summary>
/// Anchors to be looked at more closely, by what they are of. One branch after another, because a look at an anchor is a dozen places of memory, and all anchors of
/// a branch share them; one place of the text after another would find each of them gone from the caches.
/// </summary>
internal sealed class WaitingAnchors
{
    // A look at an anchor costs as much as reading some thirty bytes. Of text made of anchors those beyond are not kept: it is read whole.
    private const int BytesPerAnchor = 24;
    private const int FirstAnchors = 64;

    // Of all branches together, 2 MB: a text of many megabytes must not need many times its length. What comes beyond is verified at once.
    private const int MaxCount = 1 << 18;

    private readonly List<int>[] waiting = new List<int>[VerifyOrder.Ranks];
    private (int Lookout, int At)[] anchors = new (int, int)[256];
    private int[] places = [];

    // By lookout: how many there are, how many of them wait, and behind which of the places the last of those stands.
    private (int Count, int Kept, int End)[] ends = [];
    private int count;
    private int most;

    public WaitingAnchors()
    {
        for (var rank = 0; rank < waiting.Length; rank++)
            waiting[rank] = [];
    }

    /// <summary>Nothing waits.</summary>
    /// <param name="lookouts">How many there are.</param>
    /// <param name="length">Bytes of the view.</param>
    public void Begin(int lookouts, int length)
    {
        most = FirstAnchors + length / BytesPerAnchor;
        foreach (var list in waiting)
        {
            foreach (var lookout in list)
                ends[lookout] = default;
            list.Clear();
        }
        count = 0;
        if (ends.Length < lookouts)
            ends = new (int, int, int)[lookouts];
    }

    /// <summary>False when there are too many of all together: it is to be verified at once.</summary>
    public bool TryAdd(int lookout, int rank, int at)
    {
        ref var end = ref ends[lookout];
        if (end.Count == 0)
            waiting[rank].Add(lookout);
        if (++end.Count > most)
            return true;
        if (count == MaxCount)
            return false;
        if (count == anchors.Length)
            Array.Resize(ref anchors, 2 * count);
        anchors[count++] = (lookout, at);
        end.Kept++;
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
                next += ends[lookout].Kept;
            }
        }
        foreach (var (lookout, at) in anchors.AsSpan(0, count))
            places[ends[lookout].End++] = at;
    }

    /// <summary>Lookouts that wait, of one rank.</summary>
    public List<int> Of(int rank) => waiting[rank];

    /// <summary>Where the anchors of a lookout stand that wait, in the order of the text.</summary>
    /// <param name="lookout">Whose.</param>
    /// <param name="all">How many there are, when that is more than may wait: the text is to be read whole.</param>
    public ReadOnlySpan<int> Places(int lookout, out int? all)
    {
        ref var end = ref ends[lookout];
        all = end.Count > most ? end.Count : null;
        return places.AsSpan(end.End - end.Kept, end.Kept);
    }
}
