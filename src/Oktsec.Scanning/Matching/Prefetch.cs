using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Oktsec.Scanning.Matching;

/// <summary>Asks for memory that will be read soon, where the processor can be asked.</summary>
internal static class Prefetch
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Read<T>(ref readonly T place)
    {
        // An address is all that is wanted: should the collector move what stands there, nothing has been asked for.
        if (Sse.IsSupported)
            Sse.Prefetch0(Unsafe.AsPointer(ref Unsafe.AsRef(in place)));
    }
}
