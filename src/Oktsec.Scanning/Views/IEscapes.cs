using Oktsec.Scanning.Fields;

namespace Oktsec.Scanning.Views;

/// <summary>A way of writing single characters as escapes, the rest standing as it is.</summary>
internal interface IEscapes
{
    static abstract Decoding Via { get; }

    /// <summary>The byte every escape begins with.</summary>
    static abstract byte Trigger { get; }

    /// <summary>So many escapes make it worth a look: one, unless ordinary text holds such sequences by chance.</summary>
    static abstract int MinEscapes { get; }

    /// <summary>Decodes the escape at the start of <paramref name="source"/>; the bytes it takes, 0 when there is none.</summary>
    /// <param name="source">Begins with the trigger.</param>
    /// <param name="target">Holds at least four bytes, and never fewer than the escape has.</param>
    /// <param name="written">Bytes written.</param>
    static abstract int Step(ReadOnlySpan<byte> source, Span<byte> target, out int written);
}
