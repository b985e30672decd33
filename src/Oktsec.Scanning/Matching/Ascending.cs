namespace Oktsec.Scanning.Matching;

/// <summary>
/// Sorting of small numbers at start. The runtime's own sort of numbers is compiled when the program runs, all of it, and slowly at first: of the time that
/// the rules take to get ready it took a tenth.
/// </summary>
internal static class Ascending
{
    private const int Short = 24;

    public static void Sort(Span<int> values)
    {
        if (values.Length > Short)
            Heap(values);
        else
            Insert(values);
    }

    private static void Insert(Span<int> values)
    {
        for (var i = 1; i < values.Length; i++)
        {
            var (value, at) = (values[i], i);
            for (; at > 0 && values[at - 1] > value; at--)
                values[at] = values[at - 1];
            values[at] = value;
        }
    }

    private static void Heap(Span<int> values)
    {
        for (var root = values.Length / 2 - 1; root >= 0; root--)
            Sink(values, root);
        for (var end = values.Length - 1; end > 0; end--)
        {
            (values[0], values[end]) = (values[end], values[0]);
            Sink(values[..end], 0);
        }
    }

    private static void Sink(Span<int> heap, int root)
    {
        var value = heap[root];
        for (int child; (child = 2 * root + 1) < heap.Length; root = child)
        {
            if (child + 1 < heap.Length && heap[child + 1] > heap[child])
                child++;
            if (heap[child] <= value)
                break;
            heap[root] = heap[child];
        }
        heap[root] = value;
    }
}
