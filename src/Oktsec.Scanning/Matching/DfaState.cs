using System.Runtime.CompilerServices;

namespace Oktsec.Scanning.Matching;

/// <summary>A set of NFA steps reached together, with what the last byte was as far as assertions ask.</summary>
internal sealed class DfaState(int[] steps, byte before, bool isMatch) : IEquatable<DfaState>
{
    public const byte Other = 0;
    public const byte Word = 1;
    public const byte Newline = 2;
    public const byte Edge = 3;

    /// <summary>Kinds of bytes.</summary>
    public const byte Kinds = 4;

    /// <summary>In ascending order, so that equal sets are equal arrays.</summary>
    public readonly int[] Steps = steps;

    /// <summary>The kind of the byte before this state.</summary>
    public readonly byte Before = before;

    /// <summary>A match ended before the byte that led here.</summary>
    public readonly bool IsMatch = isMatch;

    public bool IsDead => Steps.Length == 0;

    /// <summary>The kind of a byte; asked where every run begins.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte KindOf(byte value) => KindOfByte[value];

    private static readonly byte[] KindOfByte = ClassifyAll();

    private static byte[] ClassifyAll()
    {
        var kinds = new byte[256];
        for (var value = 0; value < kinds.Length; value++)
            kinds[value] = Classify((byte)value);
        return kinds;
    }

    private static byte Classify(byte value) => value switch
    {
        RegexClasses.FieldEnd or RegexClasses.PairEnd => Edge,
        (byte)'\n' => Newline,
        _ => RegexClasses.IsWord(value) ? Word : Other,
    };

    public bool Equals(DfaState? other) => other is not null && Before == other.Before && IsMatch == other.IsMatch && Steps.AsSpan().SequenceEqual(other.Steps);

    public override bool Equals(object? obj) => Equals(obj as DfaState);

    public override int GetHashCode()
    {
        // FNV-1a over whole steps: sets differ in a few of them.
        var hash = (uint)(Before << 1 | (IsMatch ? 1 : 0)) ^ 2166136261;
        foreach (var step in Steps)
            hash = (hash ^ (uint)step) * 16777619;
        return (int)hash;
    }
}
