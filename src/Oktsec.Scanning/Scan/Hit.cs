namespace Oktsec.Scanning.Scan;

/// <summary>A pattern's match that passed its rule's tests, in bytes of the scan's buffer.</summary>
internal readonly record struct Hit(int Pattern, int Field, int Start, int End);
