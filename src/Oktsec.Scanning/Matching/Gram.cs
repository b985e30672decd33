namespace Oktsec.Scanning.Matching;

/// <summary>Four bytes that betray a branch, and up to eight that must stand around them.</summary>
/// <param name="Value">Little-endian; of a short gram three bytes, the fourth zero.</param>
/// <param name="Offset">Distance from the start of the branch's anchor.</param>
/// <param name="IsShort">Three bytes only.</param>
/// <param name="Literal">The first eight bytes of the anchor, little-endian,</param>
/// <param name="Mask">as far as every match has them.</param>
internal sealed record Gram(uint Value, int Offset, bool IsShort, ulong Literal, ulong Mask);
