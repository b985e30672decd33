using System.Text;
using Oktsec.Scanning;

namespace Oktsec.Core.Pipeline;

/// <summary>One change to scanned content: the bytes from <paramref name="Start"/> on, <paramref name="Length"/> of them, become <paramref name="Replacement"/>.</summary>
public readonly record struct ContentEdit(int Start, int Length, ReadOnlyMemory<byte> Replacement);

/// <summary>Turns redact and strip findings into edits.</summary>
internal static class ContentEdits
{
    /// <summary>Sorted and disjoint: overlapping spans become one edit, a redaction winning over a removal.</summary>
    public static IReadOnlyList<ContentEdit> From(IReadOnlyList<JudgedFinding> findings)
    {
        List<(int Start, int End, string Text)>? spans = null;
        for (var i = 0; i < findings.Count; i++)
        {
            var (finding, _, action) = findings[i];
            if (action is not (RuleAction.Redact or RuleAction.Strip) || finding.Length == 0)
                continue;
            var text = action == RuleAction.Strip ? "" : $"[REDACTED:{(finding.RedactAs.Length > 0 ? finding.RedactAs : finding.RuleName)}]";
            (spans ??= []).Add((finding.Start, finding.Start + finding.Length, text));
        }
        if (spans is null)
            return [];
        spans.Sort((a, b) => a.Start != b.Start ? a.Start.CompareTo(b.Start) : b.End.CompareTo(a.End));
        var edits = new List<ContentEdit>(spans.Count);
        var (start, end, replacement) = spans[0];
        for (var i = 1; i < spans.Count; i++)
        {
            var span = spans[i];
            if (span.Start < end)
            {
                end = Math.Max(end, span.End);
                replacement = replacement.Length > 0 ? replacement : span.Text;
                continue;
            }
            edits.Add(new(start, end - start, Encoding.UTF8.GetBytes(replacement)));
            (start, end, replacement) = span;
        }
        edits.Add(new(start, end - start, Encoding.UTF8.GetBytes(replacement)));
        return edits;
    }
}
