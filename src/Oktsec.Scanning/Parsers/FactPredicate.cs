using System.Text;

namespace Oktsec.Scanning.Parsers;

/// <summary>
/// <c>cmd:rm flag:r|R|recursive arg:/|~*</c>: every term holds for some fact of one item. Values are globs in any case, except that a single letter
/// of a flag is as it is. There is no negation: what is added to a command must not hide it.
/// </summary>
internal sealed class FactPredicate
{
    private FactPredicate(Term[] terms) => Terms = terms;

    public Term[] Terms { get; }

    /// <exception cref="FormatException">Not a predicate.</exception>
    public static FactPredicate Parse(string text)
    {
        var terms = new List<Term>();
        foreach (var word in text.Split([' ', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries))
        {
            var colon = word.IndexOf(':');
            if (colon <= 0 || colon == word.Length - 1)
                throw new FormatException($"'{word}' is no 'key:value|value'");
            if (!Enum.TryParse<FactKey>(word[..colon], ignoreCase: true, out var key) || char.IsAsciiDigit(word[0]))
                throw new FormatException($"unknown key '{word[..colon]}'; one of {string.Join(", ", Enum.GetNames<FactKey>().Select(name => name.ToLowerInvariant()))}");
            terms.Add(new Term(key, [.. word[(colon + 1)..].Split('|').Select(glob => new Glob(Encoding.UTF8.GetBytes(glob)))]));
        }
        return terms.Count > 0 ? new FactPredicate([.. terms]) : throw new FormatException("an empty predicate");
    }

    public bool Holds(FactList facts)
    {
        long free = 0;
        return Holds(facts, ref free);
    }

    /// <param name="facts">One item's.</param>
    /// <param name="work">Grows by the values looked at and the globs they were compared with.</param>
    public bool Holds(FactList facts, ref long work)
    {
        foreach (var term in Terms)
            if (!Holds(term, facts, ref work))
                return false;
        return true;
    }

    private static bool Holds(Term term, FactList facts, ref long work)
    {
        work += facts.Count;
        for (var i = 0; i < facts.Count; i++)
        {
            if (facts.KeyAt(i) != term.Key)
                continue;
            var value = facts.ValueAt(i);
            var head = facts.HeadAt(i);
            work += term.Globs.Length;
            foreach (var glob in term.Globs)
                if (term.Key == FactKey.Flag && value.Length == 1 && !glob.IsAny ? value.SequenceEqual(glob.Text) : glob.MayBeginLike(head) && glob.MayHold(facts.PairsAt(i)) && glob.Matches(value))
                    return true;
        }
        return false;
    }

    /// <param name="Key">The kind of fact.</param>
    /// <param name="Globs">One of which its value must match.</param>
    internal sealed record Term(FactKey Key, Glob[] Globs);
}
