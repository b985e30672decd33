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

    private readonly List<int>[] waiting = new List<int>[VerifyOrder.Ranks];
    private (int Lookout, int At)[] anchors = new (int, int)[256];
    private int[] places = [];

    // By lookout: how many wait, and behind which of the places the last of them stands.
    private (int Count, int End)[] ends = [];
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
            ends = new (int, int)[lookouts];
    }

    public void Add(int lookout, int rank, int at)
    {
        ref var end = ref ends[lookout];
        if (end.Count == 0)
            waiting[rank].Add(lookout);
        if (++end.Count > most)
            return;
        if (count == anchors.Length)
            Array.Resize(ref anchors, 2 * count);
        anchors[count++] = (lookout, at);
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
                next += Math.Min(ends[lookout].Count, most);
            }
        }
        foreach (var (lookout, at) in anchors.AsSpan(0, count))
            places[ends[lookout].End++] = at;
    }

    /// <summary>Lookouts that wait, of one rank.</summary>
    public List<int> Of(int rank) => waiting[rank];

    /// <summary>Where the anchors of a lookout stand, in the order of the text; the first of them if there are too many.</summary>
    /// <param name="lookout">Whose.</param>
    /// <param name="found">How many there are.</param>
    public ReadOnlySpan<int> Places(int lookout, out int found)
    {
        found = ends[lookout].Count;
        var kept = Math.Min(found, most);
        return places.AsSpan(ends[lookout].End - kept, kept);
    }
}
