using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Oktsec.Scanning.Rules;

namespace Oktsec.Scanning.Matching;

/// <summary>Says of four bytes whether a gram may begin with them, by one look into a table that fits the first-level cache.</summary>
/// <remarks>
/// A byte of the table is chosen by the first three of the four, its bit by the last: so grams of three bytes, with all bits set, need no look of their own.
/// Beginnings of grams are common. What passes is asked for once more, by all four bytes and by three.
/// </remarks>
internal sealed class GramFilter
{
    // One look in ten says yes for nothing at four grams to a byte; a table beyond 64 KB leaves the fast caches and costs more than that.
    private const int MinBits = 10;
    private const int MaxBits = 16;

    private const uint Multiplier = 0x9E3779B1;
    private const uint ShortMultiplier = 0x85EBCA6B;

    // Grams of three bytes are asked for once more in so many bits, 8 KB: without that, two texts in three that pass for one share its byte of the table only.
    private const int ShortBits = 16;

    private const uint LowerCase = 0x20202020;

    private const int Block = 64;

    /// <summary>Bytes behind a place that are read with it.</summary>
    public const int ReadBehind = 16;

    /// <summary>Set in a place where a gram of four bytes may begin.</summary>
    public const int Whole = 1;

    /// <summary>Set in a place where one of three may.</summary>
    public const int Short = 2;

    /// <summary>What a place is shifted by to get its distance from the first.</summary>
    public const int PlaceShift = 2;

    private const byte Any = 0xFF;

    private readonly Table<byte> table;
    private readonly Table<byte> wholes;
    private readonly Table<byte> shorts;
    private readonly int shift;

    /// <param name="keys">The grams (<see cref="GramTable.Key"/>).</param>
    public GramFilter(IReadOnlyList<uint> keys)
    {
        var bits = Math.Min(BitsFor(4 * keys.Count, MinBits), MaxBits);
        var (table, wholes, shorts) = (new byte[(1 << bits) + 3], new byte[1 << bits], new byte[1 << (ShortBits - 3)]);
        shift = 32 - bits;
        for (var i = 0; i < keys.Count; i++)
        {
            var (gram, isShort) = (keys[i], GramTable.IsShort(keys[i]));
            table[Slot(gram)] |= isShort ? Any : (byte)(1 << (int)(gram >> 24 & 7));
            if (isShort)
                shorts[ShortBit(gram) >> 3] |= (byte)(1 << (int)(ShortBit(gram) & 7));
            else
                wholes[gram * Multiplier >> shift] |= (byte)(1 << (int)(gram * Multiplier & 7));
        }
        (this.table, this.wholes, this.shorts) = (new Table<byte>(table), new Table<byte>(wholes), new Table<byte>(shorts));
    }

    /// <summary>One that was written before.</summary>
    public GramFilter(ref PackReader reader) =>
        (shift, table, wholes, shorts) = (reader.Int32(), reader.Table<byte>(), reader.Table<byte>(), reader.Table<byte>());

    public void Write(PackWriter writer)
    {
        writer.Int32(shift);
        writer.Table(table);
        writer.Table(wholes);
        writer.Table(shorts);
    }

    /// <summary>Bits that tell so many apart. Without the processor's own instruction: precompiled code may not use it, and would be compiled again.</summary>
    public static int BitsFor(int count, int atLeast)
    {
        var bits = atLeast;
        while (1 << bits < count)
            bits++;
        return bits;
    }

    /// <summary>Writes the places in [from, to) where a gram may begin, with what may; how many. <see cref="ReadBehind"/> bytes behind the last are read.</summary>
    /// <param name="text">First byte of the text.</param>
    /// <param name="from">The place that places are counted from.</param>
    /// <param name="to">Behind the last place.</param>
    /// <param name="places">Has room for as many as there are.</param>
    public int Find(ref byte text, int from, int to, ref int places)
    {
        ref var bits = ref table.At(0);
        ref var whole = ref wholes.At(0);
        ref var three = ref shorts.At(0);
        var count = 0;
        var start = from;
        for (; Avx2.IsSupported && from + Block <= to; from += Block)
        {
            for (var found = FindBlock(ref Unsafe.Add(ref text, from), ref bits); found != 0; found &= found - 1)
                Note(ref text, start, from + BitOperations.TrailingZeroCount(found), ref whole, ref three, ref places, ref count);
        }
        for (; from < to; from++)
        {
            var gram = Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref text, from)) | LowerCase;
            if ((Unsafe.Add(ref bits, (nint)Slot(gram)) >> (int)(gram >> 24 & 7) & 1) != 0)
                Note(ref text, start, from, ref whole, ref three, ref places, ref count);
        }
        return count;
    }

    // Written always, counted only when it passes the second look: without a branch, which no processor could guess.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Note(ref byte text, int start, int at, ref byte whole, ref byte three, ref int places, ref int count)
    {
        var gram = Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref text, at)) | LowerCase;
        var bit = ShortBit(gram);
        var isShort = Unsafe.Add(ref three, (nint)(bit >> 3)) >> (int)(bit & 7) & 1;
        var isWhole = Unsafe.Add(ref whole, (nint)(gram * Multiplier >> shift)) >> (int)(gram * Multiplier & 7) & 1;
        Unsafe.Add(ref places, count) = (at - start) << PlaceShift | isShort << 1 | isWhole;
        count += isShort | isWhole;
    }

    // A bit for each of 64 places, eight of which are looked up at once: half the time of one after another.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private unsafe ulong FindBlock(ref byte text, ref byte bits)
    {
        // Bytes 0-3, 1-4, 2-5 ... of sixteen.
        var windows = Vector256.Create((byte)0, 1, 2, 3, 1, 2, 3, 4, 2, 3, 4, 5, 3, 4, 5, 6, 4, 5, 6, 7, 5, 6, 7, 8, 6, 7, 8, 9, 7, 8, 9, 10);
        var found = 0UL;
        fixed (byte* start = &bits)
        {
            for (var i = 0; i < Block; i += 8)
            {
                var bytes = Vector128.LoadUnsafe(ref text, (nuint)i);
                var grams = Avx2.Shuffle(Vector256.Create(bytes, bytes), windows).AsUInt32() | Vector256.Create(LowerCase);
                var slots = Vector256.ShiftRightLogical((grams << 8) * Vector256.Create(Multiplier), shift);
                // Four bytes are fetched for the one at the slot: the table has three more behind its last.
                var fetched = Avx2.GatherVector256((uint*)start, slots.AsInt32(), 1);
                var bit = (grams >>> 24) & Vector256.Create(7u);
                found |= (ulong)Avx2.ShiftLeftLogicalVariable(fetched, Vector256.Create(31u) - bit).ExtractMostSignificantBits() << i;
            }
        }
        return found;
    }

    // The fourth byte falls out at the top, of both.
    private static uint ShortBit(uint gram) => (gram << 8) * ShortMultiplier >> (32 - ShortBits);

    private uint Slot(uint gram) => (gram << 8) * Multiplier >> shift;
}
