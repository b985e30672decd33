using System.Runtime.CompilerServices;

namespace Oktsec.Scanning.Matching;

/// <summary>A set of byte values.</summary>
[InlineArray(4)]
internal struct ByteSet
{
    private ulong first;

    public readonly bool Contains(int value) => (this[value >> 6] >> (value & 63) & 1) != 0;

    public void Add(int low, int high)
    {
        for (var value = low; value <= high; value++)
            this[value >> 6] |= 1UL << (value & 63);
    }
}
