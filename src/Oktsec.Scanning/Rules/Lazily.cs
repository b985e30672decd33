using System.Collections;

namespace Oktsec.Scanning.Rules;

/// <summary>Items that are made when they are first asked for. Safe to use by many threads: making one twice gives equal ones.</summary>
/// <param name="items">Null where none was made yet.</param>
/// <param name="make">Fills the place of an index.</param>
internal sealed class Lazily<T>(T?[] items, Action<int> make) : IReadOnlyList<T> where T : class
{
    public Lazily(T[] items) : this(items, _ => throw new InvalidOperationException("all are made"))
    {
    }

    public int Count => items.Length;

    public T this[int index] => Volatile.Read(ref items[index]) ?? Make(index);

    public IEnumerator<T> GetEnumerator()
    {
        for (var i = 0; i < items.Length; i++)
            yield return this[i];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private T Make(int index)
    {
        make(index);
        return Volatile.Read(ref items[index]) ?? throw new InvalidOperationException("nothing was made");
    }
}
