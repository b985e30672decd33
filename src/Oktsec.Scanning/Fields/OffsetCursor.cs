namespace Oktsec.Scanning.Fields;

/// <summary>The start of one character, in a text as written and as decoded.</summary>
/// <param name="Source">Offset in the text as written.</param>
/// <param name="Decoded">Offset in the decoded text.</param>
internal record struct OffsetCursor(int Source, int Decoded);
