namespace Oktsec.Scanning.Matching;

/// <summary>A set of NFA steps reached together, with what the last byte was as far as assertions ask.</summary>
/// <remarks>Shared by all threads: only <see cref="Next"/> changes, by reference writes, which .NET publishes whole.</remarks>
internal sealed class DfaState(int[] steps, byte before, bool isMatch, int classCount)
{
    public const byte Other = 0;
    public const byte Word = 1;
    public const byte Newline = 2;
    public const byte Edge = 3;

    public readonly int[] Steps = steps;

    /// <summary>The kind of the byte before this state.</summary>
    public readonly byte Before = before;

    /// <summary>A match ended before the byte that led here.</summary>
    public readonly bool IsMatch = isMatch;

    /// <summary>By byte class; null where not yet known.</summary>
    public readonly DfaState?[] Next = new DfaState?[classCount];

    public bool IsDead => Steps.Length == 0;

    public static byte KindOf(byte value) => value switch
    {
        RegexClasses.FieldEnd or RegexClasses.PairEnd => Edge,
        (byte)'\n' => Newline,
        _ => RegexClasses.IsWord(value) ? Word : Other,
    };
}
