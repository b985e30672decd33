namespace Oktsec.Scanning.Matching;

/// <summary>An alternative of a pattern as a part of one rule set.</summary>
/// <param name="Pattern">The rule set's number of the pattern.</param>
/// <param name="Index">Its own among the rule set's branches.</param>
/// <param name="Alternative">What finds it.</param>
internal sealed record Branch(int Pattern, int Index, Alternative Alternative);
