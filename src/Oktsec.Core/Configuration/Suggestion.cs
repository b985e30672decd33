namespace Oktsec.Core.Configuration;

/// <summary>"Did you mean": the known name that a mistyped one is closest to.</summary>
internal static class Suggestion
{
    // Longer than any known name; the distance costs length times length.
    private const int MaxLength = 64;

    /// <summary>The nearest of <paramref name="known"/>, or null when nothing is near: a third of the letters may differ.</summary>
    public static string? For(string written, IEnumerable<string> known)
    {
        if (written.Length is 0 or > MaxLength)
            return null;
        var folded = Fold(written);
        var (best, bestDistance) = ((string?)null, Math.Max(1, written.Length / 3) + 1);
        foreach (var name in known)
        {
            if (name.Length > MaxLength)
                continue;
            var distance = Distance(folded, Fold(name));
            if (distance < bestDistance)
                (best, bestDistance) = (name, distance);
        }
        return best;
    }

    /// <summary><c>did you mean NAME?</c>, or the whole choice when nothing is near.</summary>
    public static string Remedy(string written, IReadOnlyCollection<string> known) =>
        For(written, known) is { } near ? $"did you mean {near}?" : $"known: {Shown.List(known)}";

    // allowedTools and ALLOWED-TOOLS are both allowed_tools to whoever wrote them.
    private static string Fold(string name) => name.Replace("-", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal).ToLowerInvariant();

    // Damerau-Levenshtein, adjacent transpositions ("qurey"): Computing Surveys 33(1), 2001, section 3.2.
    private static int Distance(string a, string b)
    {
        Span<int> beforeLast = stackalloc int[MaxLength + 1];
        Span<int> last = stackalloc int[MaxLength + 1];
        Span<int> row = stackalloc int[MaxLength + 1];
        for (var j = 0; j <= b.Length; j++)
            last[j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var cost = a[i - 1] == b[j - 1] ? 0 : 1;
                row[j] = Math.Min(Math.Min(row[j - 1], last[j]) + 1, last[j - 1] + cost);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    row[j] = Math.Min(row[j], beforeLast[j - 2] + 1);
            }
            var spare = beforeLast;
            beforeLast = last;
            last = row;
            row = spare;
        }
        return last[b.Length];
    }
}
