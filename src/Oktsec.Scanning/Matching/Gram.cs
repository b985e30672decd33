namespace Oktsec.Scanning.Matching;

/// <summary>Four bytes that betray a branch.</summary>
/// <param name="value">Little-endian; of a short gram three bytes, the fourth zero.</param>
/// <param name="offset">Distance from the start of the branch's anchor.</param>
/// <param name="isShort">Three bytes only.</param>
internal sealed class Gram(uint value, int offset, bool isShort)
{
    public readonly uint Value = value;
    public readonly int Offset = offset;
    public readonly bool IsShort = isShort;
}
