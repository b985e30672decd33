using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Oktsec.Scanning.Views;

/// <summary>A set of ASCII characters, asked of 64 bytes at once.</summary>
internal sealed class ByteClass
{
    /// <summary>Bytes that one question is about.</summary>
    public const int Window = 64;

    private readonly bool[] isMember = new bool[256];

    // A byte is a member when both halves of its code have a bit in common: the high half a bit of its own, the low half the bits of the rows it is in.
    private readonly Vector128<byte> byHigh;
    private readonly Vector128<byte> byLow;

    public ByteClass(ReadOnlySpan<byte> members)
    {
        Span<byte> high = stackalloc byte[16];
        Span<byte> low = stackalloc byte[16];
        high.Clear();
        low.Clear();
        for (var i = 0; i < 8; i++)
            high[i] = (byte)(1 << i);
        foreach (var value in members)
        {
            isMember[value] = true;
            low[value & 15] |= high[value >> 4];
        }
        (byHigh, byLow) = (Vector128.Create<byte>(high), Vector128.Create<byte>(low));
    }

    public bool Contains(byte value) => isMember[value];

    /// <summary>Bit i is set when byte i of the first <see cref="Window"/> is a member.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Members(ref readonly byte text)
    {
        var members = 0UL;
        for (var i = 0; i < Window; i += 16)
        {
            var block = Vector128.LoadUnsafe(in text, (nuint)i);
            var kinds = Vector128.ShuffleNative(byLow, block & Vector128.Create((byte)0x0F)) & Vector128.ShuffleNative(byHigh, block >>> 4);
            members |= (ulong)(~Vector128.Equals(kinds, Vector128<byte>.Zero)).ExtractMostSignificantBits() << i;
        }
        return members;
    }

    /// <summary>Whether eight members in a row begin at a multiple of eight: any run of fifteen or more has such.</summary>
    public static bool HasEight(ulong members)
    {
        // A byte of the word that is all ones.
        var others = ~members;
        return ((others - 0x0101010101010101) & ~others & 0x8080808080808080) != 0;
    }

    /// <summary>The first multiple of eight at which eight members in a row begin; there is one.</summary>
    public static int FirstEight(ulong members)
    {
        var others = ~members;
        return BitOperations.TrailingZeroCount((others - 0x0101010101010101) & ~others & 0x8080808080808080) & ~7;
    }

    /// <summary>The run of members that holds a place, as far as it stands among the 64 bytes: its first, and the one behind its last.</summary>
    public static (int First, int Behind) RunAround(ulong members, int member)
    {
        // Shifted by 64, a word stays as it is.
        var before = member == 0 ? 0 : BitOperations.LeadingZeroCount(~(members << (Window - member)));
        return (member - before, member + BitOperations.TrailingZeroCount(~(members >> member)));
    }
}
