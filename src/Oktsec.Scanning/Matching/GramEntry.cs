using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Oktsec.Scanning.Matching;

/// <summary>What a gram stands for: a part of the anchor of a branch, or companions. 24 bytes, in the order in which they are written to the pack.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct GramEntry
{
    private const uint LowerCase = 0x20202020;

    private readonly ulong literal;
    private readonly ulong mask;

    /// <summary>The lookout that it betrays; of companions -1 less where their groups begin.</summary>
    public readonly int Lookout;

    /// <summary>The mark of its gate; -1 without one.</summary>
    public readonly short Gate;

    /// <summary>The gram's distance from the start of the anchor.</summary>
    public readonly byte Offset;

    // The lowest bit says whether the gram's entries end here: with a field of its own an entry would be a third larger.
    private readonly byte rankAndLast;

    /// <param name="literal">What the anchor begins with,</param>
    /// <param name="mask">as far as it is the same in every match.</param>
    /// <param name="lookout">See <see cref="Lookout"/>.</param>
    /// <param name="offset">See <see cref="Offset"/>.</param>
    /// <param name="gate">See <see cref="Gate"/>.</param>
    /// <param name="rank">See <see cref="Rank"/>.</param>
    /// <param name="isLast">See <see cref="IsLast"/>.</param>
    public GramEntry(ulong literal, ulong mask, int lookout, byte offset, short gate, int rank, bool isLast = false) =>
        (this.literal, this.mask, Lookout, Offset, Gate, rankAndLast) = (literal, mask, lookout, offset, gate, (byte)(rank << 1 | (isLast ? 1 : 0)));

    /// <summary>The lookout's.</summary>
    public int Rank => rankAndLast >> 1;

    /// <summary>No more entries of the gram come behind it.</summary>
    public bool IsLast => (rankAndLast & 1) != 0;

    public GramEntry AsLast() => new(literal, mask, Lookout, Offset, Gate, Rank, isLast: true);

    public bool Fits(ref byte anchor) => (((Unsafe.ReadUnaligned<ulong>(ref anchor) | (LowerCase | (ulong)LowerCase << 32)) ^ literal) & mask) == 0;
}

/// <summary>A place in the table of grams.</summary>
/// <param name="Key">The gram.</param>
/// <param name="First">Its first entry; 0 in an empty slot.</param>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct GramSlot(uint Key, int First);
