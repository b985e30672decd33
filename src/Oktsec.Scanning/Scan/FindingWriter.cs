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
        var spans = new List<Located>();
        foreach (var hit in kept)
            spans.Add(Locate(hit));
        var findings = new List<Finding>();
        var seen = new HashSet<(string, int, int)>();
        for (var i = 0; i < kept.Count; i++)
        {
            var rule = rules.Patterns[kept[i].Pattern].Rule.Rule;
            var (start, end, via, token) = spans[i];
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
                Field = isJson ? JsonPath.At(input, token) : "$",
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

    // The span in the input: from decoded text back to what encoded it, as often as needed.
    private readonly Located Locate(Hit hit)
    {
        var (start, end) = (hit.Start, hit.End);
        var via = "";
        for (var field = session.Buffer[hit.Field]; ; field = session.Buffer[field.Parent])
        {
            if (field.Via != Decoding.None)
                via = via.Length == 0 ? field.Via.Name() : $"{field.Via.Name()}>{via}";
            if (field.Via == Decoding.Joined)
            {
                // The part in the first of the fields stands for the whole.
                var piece = session.Joined.At(start);
                (start, end) = (piece.Source + start - piece.Start, piece.Source + piece.End - piece.Start);
                field = session.Buffer[piece.Field];
            }
            (start, end) = Origin.Of(field, field.Parent < 0 ? input : session.Buffer.Text, start, end);
            if (field.Parent < 0)
                return new Located(start, end, via, field.SourceStart);
        }
    }

    private readonly string Excerpt(Hit hit, List<Hit> all, List<Located> spans, int index)
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

    /// <param name="Start">First byte in the input.</param>
    /// <param name="End">Behind the last.</param>
    /// <param name="Via">Names of the decodings, outermost first.</param>
    /// <param name="Token">First byte of the value or key that holds it.</param>
    private readonly record struct Located(int Start, int End, string Via, int Token);
}
