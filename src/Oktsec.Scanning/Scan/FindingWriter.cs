using Oktsec.Scanning.Fields;
using Oktsec.Scanning.Rules;

namespace Oktsec.Scanning.Scan;

/// <summary>Turns the hits of a scan into findings: places in the input, safe excerpts.</summary>
/// <remarks>Every step is linear in the hits and in the input: text made of matches must not cost more than the scan's budget allows.</remarks>
internal ref struct FindingWriter(ScanSession session, RuleSet rules, Place place, ReadOnlySpan<byte> input, bool isJson)
{
    private readonly ReadOnlySpan<byte> input = input;
    private readonly Origin origin = new();
    private readonly Dictionary<int, string> viaOf = [];

    public readonly IReadOnlyList<Finding> Write(List<Hit> hits)
    {
        // In order of their places, so that the way back to the input is one pass.
        hits.Sort((a, b) => a.Field != b.Field ? a.Field.CompareTo(b.Field) : a.Start.CompareTo(b.Start));
        var spans = new Located[hits.Count];
        for (var i = 0; i < spans.Length; i++)
            spans[i] = Locate(hits[i]);
        var paths = isJson ? JsonPath.At(input, [.. spans.Select(span => span.Token).Distinct().Order()]) : null;
        var patterns = rules.Patterns;
        var excerpts = new Excerpts(session.Buffer, hits, spans, hit => patterns[hit.Pattern].Rule.Rule.IsSensitive);
        var findings = new List<Finding>();
        var seen = new HashSet<(int, int, int)>();
        for (var i = 0; i < spans.Length; i++)
        {
            var compiled = patterns[hits[i].Pattern].Rule;
            var rule = compiled.Rule;
            var (start, end, via, token) = spans[i];
            if (!seen.Add((compiled.Index, start, end)))
                continue;
            findings.Add(new Finding
            {
                RuleId = rule.Id,
                RuleName = rule.Name,
                Category = rule.Category,
                AlsoCategories = rule.Also,
                Severity = rule.Severity,
                Action = rule.ActionAt(place),
                Field = paths is null ? "$" : paths[token],
                Start = start,
                Length = end - start,
                Via = via,
                Match = excerpts.Of(i),
                IsSensitive = rule.IsSensitive,
                RedactAs = compiled.RedactAs,
            });
        }
        findings.Sort((a, b) => a.Start != b.Start ? a.Start.CompareTo(b.Start) : string.CompareOrdinal(a.RuleId, b.RuleId));
        return findings;
    }

    // The span in the input: from decoded text back to what encoded it, as often as needed.
    private readonly Located Locate(Hit hit)
    {
        var (start, end) = (hit.Start, hit.End);
        for (var index = hit.Field; ; index = session.Buffer[index].Parent)
        {
            if (session.Buffer[index].Via == Decoding.Joined)
            {
                // The part in the first of the fields stands for the whole.
                var piece = session.Joined.At(start);
                (start, end) = (piece.Source + start - piece.Start, piece.Source + piece.End - piece.Start);
                index = piece.Field;
            }
            ref var field = ref session.Buffer[index];
            (start, end) = origin.Of(index, field, field.Parent < 0 ? input : session.Buffer.Text, start, end);
            if (field.Parent < 0)
                return new Located(start, end, Via(hit.Field), field.SourceStart);
        }
    }

    // The decodings that led to a field, outermost first.
    private readonly string Via(int index)
    {
        if (!viaOf.TryGetValue(index, out var via))
        {
            ref var field = ref session.Buffer[index];
            var own = field.Via == Decoding.None ? "" : field.Via.Name();
            var outer = field.Parent < 0 ? "" : Via(field.Parent);
            viaOf[index] = via = outer.Length > 0 && own.Length > 0 ? $"{outer}>{own}" : outer + own;
        }
        return via;
    }
}
