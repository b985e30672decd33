namespace Oktsec.Scanning.Scan;

/// <summary>Where a hit stands in the input.</summary>
/// <param name="Start">First byte.</param>
/// <param name="End">Behind the last.</param>
/// <param name="Via">Names of the decodings, outermost first.</param>
/// <param name="Token">First byte of the value or key that holds it.</param>
internal readonly record struct Located(int Start, int End, string Via, int Token);
