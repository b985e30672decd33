namespace Oktsec.Scanning.Fields;

/// <summary>The words of a name in camelCase, snake_case or kebab-case, in lower case, without allocating.</summary>
internal ref struct NameWords(ReadOnlySpan<byte> name, Span<char> scratch)
{
    private readonly ReadOnlySpan<byte> name = name;
    private readonly Span<char> scratch = scratch;
    private int at;
    private int length;

    public readonly ReadOnlySpan<char> Current => scratch[..length];

    public readonly NameWords GetEnumerator() => this;

    public bool MoveNext()
    {
        while (at < name.Length && !char.IsAsciiLetter((char)name[at]))
            at++;
        length = 0;
        while (at < name.Length && char.IsAsciiLetter((char)name[at]))
        {
            var c = (char)name[at];
            // fooBar breaks before B; HTTPServer breaks before the S, which a lower-case letter follows.
            var isUpper = char.IsAsciiLetterUpper(c);
            var afterLower = length > 0 && char.IsAsciiLetterLower((char)name[at - 1]);
            var beforeLower = length > 0 && at + 1 < name.Length && char.IsAsciiLetterLower((char)name[at + 1]);
            if (isUpper && (afterLower || beforeLower))
                break;
            // A word longer than the scratch is no word we know.
            if (length < scratch.Length)
                scratch[length++] = char.ToLowerInvariant(c);
            at++;
        }
        return length > 0;
    }
}
