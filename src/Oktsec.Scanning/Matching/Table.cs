using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Oktsec.Scanning.Matching;

/// <summary>
/// A table of an index: in memory of its own, or where it stands in the program's file. There it is read by all processes together, and by none before it looks.
/// </summary>
internal readonly unsafe struct Table<T> where T : unmanaged
{
    private readonly T[]? owner; // keeps the memory
    private readonly T* first;

    /// <param name="items">Copied to where they do not move.</param>
    public Table(ReadOnlySpan<T> items)
    {
        owner = GC.AllocateUninitializedArray<T>(items.Length, pinned: true);
        items.CopyTo(owner);
        first = (T*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(owner));
        Length = items.Length;
    }

    /// <param name="place">Stays where it is, and as it is, as long as the process lives.</param>
    /// <param name="length">How many items stand there.</param>
    public Table(byte* place, int length)
    {
        first = (T*)place;
        Length = length;
    }

    public int Length { get; }

    public ReadOnlySpan<T> Span => new(first, Length);

    public ref readonly T this[int index]
    {
        get
        {
            if ((uint)index >= (uint)Length)
                throw new ArgumentOutOfRangeException(nameof(index));
            return ref first[index];
        }
    }

    /// <summary>The item at an index that was made to lie inside.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref T At(nint index) => ref first[index];
}
