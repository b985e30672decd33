using System.Buffers;

namespace Oktsec.Core.Policy;

/// <summary>A pattern with <c>*</c> (any run, also empty) and <c>?</c> (one character). No regular expression: it meets names that servers chose.</summary>
/// <remarks>Linear in the text for a given pattern: each part between stars is looked for once, from left to right. Immutable.</remarks>
public sealed class Glob
{
    private static readonly SearchValues<char> s_wild = SearchValues.Create("*?");

    // The parts between the stars; one alone when there is no star.
    private readonly string[] _parts;
    private readonly StringComparison _comparison;

    public Glob(string pattern, bool ignoreCase = false)
    {
        Pattern = pattern;
        _comparison = ignoreCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
        _parts = pattern.Split('*');
        var wild = pattern.AsSpan().IndexOfAny(s_wild);
        IsLiteral = wild < 0;
        Head = IsLiteral ? pattern : pattern[..wild];
    }

    public string Pattern { get; }

    /// <summary>Nothing in it is special.</summary>
    public bool IsLiteral { get; }

    /// <summary>What every match begins with: all before the first <c>*</c> or <c>?</c>.</summary>
    public string Head { get; }

    public bool Matches(ReadOnlySpan<char> text)
    {
        if (IsLiteral)
            return text.Equals(Pattern, _comparison);
        var (first, last) = (_parts[0], _parts[^1]);
        if (_parts.Length == 1)
            return text.Length == first.Length && Fits(text, first);
        if (text.Length < first.Length + last.Length || !Fits(text, first) || !Fits(text[^last.Length..], last))
            return false;
        // The leftmost place of each part leaves the most room for the next: if any choice matches, this one does.
        var rest = text[first.Length..^last.Length];
        foreach (var part in _parts.AsSpan(1, _parts.Length - 2))
        {
            var at = IndexOf(rest, part);
            if (at < 0)
                return false;
            rest = rest[(at + part.Length)..];
        }
        return true;
    }

    private int IndexOf(ReadOnlySpan<char> text, string part)
    {
        if (!part.Contains('?', StringComparison.Ordinal))
            return text.IndexOf(part, _comparison);
        for (var at = 0; at + part.Length <= text.Length; at++)
        {
            if (Fits(text[at..], part))
                return at;
        }
        return -1;
    }

    private bool Fits(ReadOnlySpan<char> text, string part)
    {
        for (var i = 0; i < part.Length; i++)
        {
            if (part[i] != '?' && part[i] != text[i] && !IsSameLetter(part[i], text[i]))
                return false;
        }
        return true;
    }

    private bool IsSameLetter(char a, char b) =>
        _comparison == StringComparison.OrdinalIgnoreCase && char.ToUpperInvariant(a) == char.ToUpperInvariant(b);
}
