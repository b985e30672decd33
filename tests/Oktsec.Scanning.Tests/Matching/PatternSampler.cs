using System.Text;
using Oktsec.Scanning.Matching;

namespace Oktsec.Scanning.Tests.Matching;

/// <summary>Writes random text that a pattern should match, from the pattern's own tree.</summary>
internal sealed class PatternSampler(Random random)
{
    // Repeats without bound are sampled up to so many more than they need.
    private const int MaxExtra = 6;

    public string Sample(RegexNode node)
    {
        var text = new StringBuilder();
        Write(node, text);
        return text.ToString();
    }

    private void Write(RegexNode node, StringBuilder text)
    {
        switch (node)
        {
            case RegexNode.Set set:
                text.Append(char.ConvertFromUtf32(Pick(set.Chars)));
                break;
            case RegexNode.Concat concat:
                foreach (var item in concat.Items)
                    Write(item, text);
                break;
            case RegexNode.Alternate alternate:
                Write(alternate.Branches[random.Next(alternate.Branches.Count)], text);
                break;
            case RegexNode.Group group:
                Write(group.Body, text);
                break;
            case RegexNode.Repeat repeat:
                var max = repeat.Max < 0 ? repeat.Min + MaxExtra : Math.Min(repeat.Max, repeat.Min + 3 * MaxExtra);
                for (var count = random.Next(repeat.Min, max + 1); count > 0; count--)
                    Write(repeat.Body, text);
                break;
        }
    }

    private int Pick(CharSet set)
    {
        // Printable ASCII where the set has any: what is compared is the automaton, not two tables of Unicode.
        var plain = new List<int>();
        for (var i = 0; i < set.Count; i++)
            for (var c = Math.Max(set.Low(i), ' '); c <= Math.Min(set.High(i), '~'); c++)
                plain.Add(c);
        return plain.Count > 0 ? plain[random.Next(plain.Count)] : set.Low(random.Next(set.Count));
    }
}
