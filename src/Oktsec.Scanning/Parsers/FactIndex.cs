using Oktsec.Scanning.Matching;
using Oktsec.Scanning.Rules;

namespace Oktsec.Scanning.Parsers;

/// <summary>
/// The rules of one language by a fact that each needs: a text of ten thousand commands asks only the few rules that could be about each of them.
/// </summary>
internal sealed class FactIndex
{
    // Rows of a key whose rules are told apart by how the fact's value begins.
    private const int Rows = 64;

    // What nearly every command, path or address has: a rule is filed under another fact if it needs one.
    private static readonly FactKey[] Common = [FactKey.Arg, FactKey.Flag, FactKey.File, FactKey.Absolute, FactKey.Word, FactKey.Verb, FactKey.Scheme, FactKey.Host, FactKey.UrlPath, FactKey.Cmd, FactKey.Path];

    private static readonly int Keys = Enum.GetValues<FactKey>().Length;

    // An empty one where no rule is filed under the key.
    private readonly Table<ulong>[] byKey = new Table<ulong>[Keys];
    private readonly int words;

    public FactIndex(FactRule[] rules)
    {
        Patterns = Array.ConvertAll(rules, rule => rule.Pattern);
        words = (rules.Length + 63) / 64;
        var tables = new ulong[]?[Keys];
        for (var i = 0; i < rules.Length; i++)
            File(tables, i, Choose(rules[i].Predicate));
        for (var key = 0; key < Keys; key++)
            if (tables[key] is { } table)
                byKey[key] = new Table<ulong>(table);
    }

    /// <summary>One that was written before.</summary>
    public FactIndex(ref PackReader reader)
    {
        Patterns = reader.Table<int>().Span.ToArray();
        words = (Patterns.Length + 63) / 64;
        for (var key = 0; key < Keys; key++)
            byKey[key] = reader.Table<ulong>();
    }

    public void Write(PackWriter writer)
    {
        writer.Table(new Table<int>(Patterns));
        foreach (var table in byKey)
            writer.Table(table);
    }

    /// <summary>The rule set's numbers of the patterns, by the bits that stand for them.</summary>
    public int[] Patterns { get; }

    /// <summary>Words of 64 bits that hold a bit for each pattern.</summary>
    public int Words => words;

    /// <summary>Sets the bits of the rules that may hold, all that do among them.</summary>
    public void Find(FactList facts, Span<ulong> found)
    {
        var seen = 0UL;
        for (var i = 0; i < facts.Count; i++)
        {
            var key = facts.KeyAt(i);
            var table = byKey[(int)key].Span;
            if (table.IsEmpty)
                continue;
            var row = 0;
            if (BeginningOf(key) is > 0 and var length)
                row = Row(facts.HeadAt(i), length);
            else if ((seen & 1UL << (int)key) != 0)
                continue;
            seen |= 1UL << (int)key;
            for (var word = 0; word < words; word++)
                found[word] |= table[row * words + word];
        }
    }

    private static FactPredicate.Term Choose(FactPredicate predicate)
    {
        foreach (var term in predicate.Terms)
            if (BeginningOf(term.Key) is > 0 and var length && Array.TrueForAll(term.Globs, glob => glob.Prefix >= length))
                return term;
        return predicate.Terms.MinBy(term => Array.IndexOf(Common, term.Key))!;
    }

    private void File(ulong[]?[] tables, int rule, FactPredicate.Term term)
    {
        var length = BeginningOf(term.Key);
        var table = tables[(int)term.Key] ??= new ulong[(length > 0 ? Rows : 1) * words];
        foreach (var glob in term.Globs)
        {
            var (first, last) = length == 0 ? (0, 0) : glob.Prefix >= length ? (Row(glob.Head, length), Row(glob.Head, length)) : (0, Rows - 1);
            for (var row = first; row <= last; row++)
                table[row * words + (rule >> 6)] |= 1UL << (rule & 63);
        }
    }

    // Letters that tell programs apart, and folders.
    private static int BeginningOf(FactKey key) => key switch
    {
        FactKey.Cmd => 2,
        FactKey.Path => 5,
        _ => 0,
    };

    private static int Row(ulong head, int length) => (int)((head << (64 - 8 * length)) * 0x9E3779B97F4A7C15 >> 58);
}
