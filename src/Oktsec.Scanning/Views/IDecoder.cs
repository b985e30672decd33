using Oktsec.Scanning.Fields;

namespace Oktsec.Scanning.Views;

/// <summary>Finds parts of a field that encode text and adds what they decode to as fields of their own.</summary>
internal interface IDecoder
{
    /// <param name="buffer">Holds the field; receives the decoded ones.</param>
    /// <param name="field">The field to look at.</param>
    /// <param name="budget">Bytes that may still be decoded; -1 when there was more to decode.</param>
    void Decode(ScanBuffer buffer, int field, ref int budget);
}
