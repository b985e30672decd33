namespace Oktsec.Scanning.Matching;

/// <summary>A set of byte values.</summary>
internal readonly struct ByteSet : IEquatable<ByteSet>
{
    // 64 values each.
    private readonly ulong first;
    private readonly ulong second;
    private readonly ulong third;
    private readonly ulong fourth;

    private ByteSet(ulong first, ulong second, ulong third, ulong fourth) =>
        (this.first, this.second, this.third, this.fourth) = (first, second, third, fourth);

    public static ByteSet Of(int low, int high) => new(Part(low, high), Part(low - 64, high - 64), Part(low - 128, high - 128), Part(low - 192, high - 192));

    public bool Contains(int value) => ((value >> 6) switch { 0 => first, 1 => second, 2 => third, _ => fourth } >> (value & 63) & 1) != 0;

    public ByteSet With(int low, int high)
    {
        var more = Of(low, high);
        return new ByteSet(first | more.first, second | more.second, third | more.third, fourth | more.fourth);
    }

    public bool Equals(ByteSet other) => first == other.first && second == other.second && third == other.third && fourth == other.fourth;

    public override bool Equals(object? obj) => obj is ByteSet other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(first, second, third, fourth);

    // The values of [low, high] that are within the first 64.
    private static ulong Part(int low, int high) =>
        high < 0 || low > 63 ? 0 : ulong.MaxValue >> (63 - Math.Min(high, 63)) & ulong.MaxValue << Math.Max(low, 0);
}
