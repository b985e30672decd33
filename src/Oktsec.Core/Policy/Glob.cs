namespace Oktsec.Core.Policy;

/// <summary>A pattern with <c>*</c> (any run, also empty) and <c>?</c> (one character). Case-sensitive, matched in linear space and at most quadratic time.</summary>
public sealed class Glob(string pattern)
{
    private readonly bool _isLiteral = !pattern.AsSpan().ContainsAny('*', '?');

    public string Pattern { get; } = pattern;

    public bool IsLiteral => _isLiteral;

    public bool Matches(ReadOnlySpan<char> text)
    {
        if (_isLiteral)
            return text.SequenceEqual(Pattern);
        // Greedy with one backtrack point: the classic wildcard walk, no recursion and no regex on names a server chose.
        int p = 0, t = 0, star = -1, mark = 0;
        while (t < text.Length)
        {
            if (p < Pattern.Length && (Pattern[p] == '?' || (Pattern[p] != '*' && Pattern[p] == text[t])))
            {
                p++;
                t++;
            }
            else if (p < Pattern.Length && Pattern[p] == '*')
            {
                star = p++;
                mark = t;
            }
            else if (star >= 0)
            {
                p = star + 1;
                t = ++mark;
            }
            else
            {
                return false;
            }
        }
        while (p < Pattern.Length && Pattern[p] == '*')
            p++;
        return p == Pattern.Length;
    }
}
