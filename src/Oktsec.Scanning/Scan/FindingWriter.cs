using System.Text;
using Oktsec.Scanning.Fields;
using Oktsec.Scanning.Rules;

namespace Oktsec.Scanning.Scan;

/// <summary>Turns the hits of a scan into findings: conditions, places in the input, safe excerpts.</summary>
internal ref struct FindingWriter(ScanSession session, RuleSet rules, Place place, ReadOnlySpan<byte> input, bool isJson)
{
    private const int MaxMatch = 80;

    private readonly ReadOnlySpan<byte> input = input;

    public readonly IReadOnlyList<Finding> Write()
    {
        var kept = Conditions();
        var spans = new List<(int Start, int End, string Via)>();
        foreach (var hit in kept)
            spans.Add(Locate(hit));
        var findings = new List<Finding>();
        var seen = new HashSet<(string, int, int)>();
        for (var i = 0; i < kept.Count; i++)
        {
            var rule = rules.Patterns[kept[i].Pattern].Rule.Rule;
            var (start, end, via) = spans[i];
            if (!seen.Add((rule.Id, start, end)))
                continue;
            findings.Add(new Finding
            {
                RuleId = rule.Id,
                RuleName = rule.Name,
                Category = rule.Category,
                AlsoCategories = rule.Also,
                Severity = rule.Severity,
                Action = rule.ActionAt(place),
                Field = isJson ? JsonPath.At(input, Root(kept[i].Field).SourceStart) : "$",
                Start = start,
                Length = end - start,
                Via = via,
                Match = Excerpt(kept[i], kept, spans, i),
                IsSensitive = rule.IsSensitive,
                RedactAs = rule.RedactAs.Length > 0 ? rule.RedactAs : rule.Name.Replace('_', '-'),
            });
        }
        findings.Sort((a, b) => a.Start != b.Start ? a.Start.CompareTo(b.Start) : string.CompareOrdinal(a.RuleId, b.RuleId));
        return findings;
    }

    // Rules with a condition need several patterns in one field; the others stand as they are.
    private readonly List<Hit> Conditions()
    {
        var kept = new List<Hit>();
        var byRule = new Dictionary<(int Rule, int Field), List<Hit>>();
        foreach (var hit in session.Hits)
        {
            var rule = rules.Patterns[hit.Pattern].Rule;
            if (rule.Condition is null)
            {
                kept.Add(hit);
                continue;
            }
            if (!byRule.TryGetValue((rule.Index, hit.Field), out var list))
                byRule[(rule.Index, hit.Field)] = list = [];
            list.Add(hit);
        }
        foreach (var list in byRule.Values)
        {
            list.Sort((a, b) => a.Start.CompareTo(b.Start));
            var rule = rules.Patterns[list[0].Pattern].Rule;
            var near = rule.Rule.Near > 0 ? rule.Rule.Near : int.MaxValue;
            for (var i = 0; i < list.Count; i++)
            {
                var found = 0UL;
                for (var j = i; j < list.Count && list[j].Start - (long)list[i].End <= near; j++)
                    found |= 1UL << rules.Patterns[list[j].Pattern].Number;
                if (!rule.Condition!.Holds(found))
                    continue;
                kept.Add(list[i]);
                break;
            }
        }
        return kept;
    }

    private readonly Field Root(int field)
    {
        while (session.Buffer[field].Parent >= 0)
            field = session.Buffer[field].Parent;
        return session.Buffer[field];
    }

    // The span in the input: through the encoded runs a decoded field came from, then through JSON's escapes.
    private readonly (int Start, int End, string Via) Locate(Hit hit)
    {
        var (start, end) = (hit.Start, hit.End);
        var via = "";
        var field = session.Buffer[hit.Field];
        for (; field.Parent >= 0; field = session.Buffer[field.Parent])
        {
            var name = field.Via.ToString().ToLowerInvariant();
            via = via.Length == 0 ? name : $"{name}>{via}";
            (start, end) = (field.SourceStart, field.SourceEnd);
        }
        (start, end) = (start - field.Start, end - field.Start);
        if (!field.IsEscaped)
            return (field.SourceStart + start, field.SourceStart + end, via);
        var source = input[field.SourceStart..field.SourceEnd];
        return (field.SourceStart + JsonOffsets.ToSource(source, start, after: false), field.SourceStart + JsonOffsets.ToSource(source, end, after: true), via);
    }

    private readonly string Excerpt(Hit hit, List<Hit> all, List<(int Start, int End, string Via)> spans, int index)
    {
        var text = session.Buffer.Text[hit.Start..hit.End].ToArray();
        for (var i = 0; i < all.Count; i++)
        {
            // Another rule's secret inside this match is hidden here too.
            var isOverlap = spans[i].Start < spans[index].End && spans[index].Start < spans[i].End;
            if (!rules.Patterns[all[i].Pattern].Rule.Rule.IsSensitive || !isOverlap)
                continue;
            var (from, to) = all[i].Field == hit.Field ? (all[i].Start - hit.Start, all[i].End - hit.Start) : (0, text.Length);
            Mask(text.AsSpan(Math.Clamp(from, 0, text.Length), Math.Clamp(to, 0, text.Length) - Math.Clamp(from, 0, text.Length)));
        }
        var shown = new StringBuilder();
        foreach (var rune in Encoding.UTF8.GetString(text).EnumerateRunes())
        {
            if (shown.Length >= MaxMatch)
                break;
            // Control and invisible characters would play on whoever reads the log.
            shown.Append(Rune.IsControl(rune) || Views.FoldTable.IsInvisible(rune.Value) ? "·" : rune.ToString());
        }
        return shown.ToString();
    }

    // Four characters of a long secret tell which one it is and no more.
    private static void Mask(Span<byte> secret)
    {
        if (secret.Length >= 16)
            secret = secret[4..];
        secret.Fill((byte)'*');
    }
}
