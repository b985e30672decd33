using System.Text;
using System.Text.Json;
using Oktsec.Scanning;

namespace Oktsec.Core.Pipeline;

/// <summary>One change to scanned content: the bytes from <paramref name="Start"/> on, <paramref name="Length"/> of them, become <paramref name="Replacement"/>.</summary>
public readonly record struct ContentEdit(int Start, int Length, ReadOnlyMemory<byte> Replacement);

/// <summary>Turns redact and strip findings into edits.</summary>
internal static class ContentEdits
{
    /// <summary>Sorted and disjoint: overlapping spans become one edit, a redaction winning over a removal, the first redaction over the next.</summary>
    /// <param name="findings">With spans in <paramref name="content"/>.</param>
    /// <param name="content">What was scanned; JSON stays JSON.</param>
    public static IReadOnlyList<ContentEdit> From(IReadOnlyList<JudgedFinding> findings, ReadOnlySpan<byte> content)
    {
        List<Span>? spans = null;
        for (var i = 0; i < findings.Count; i++)
        {
            var (finding, _, action) = findings[i];
            if (action is RuleAction.Redact or RuleAction.Strip && finding.Length > 0)
                (spans ??= []).Add(new(finding.Start, finding.Start + finding.Length, action == RuleAction.Strip ? "" : Label(finding)));
        }
        if (spans is null)
            return [];
        spans = [.. spans.OrderBy(s => s.Start).ThenByDescending(s => s.End)]; // stable: of equal spans the first found leads
        WidenToNumbers(spans, content);
        var edits = new List<ContentEdit>(spans.Count);
        var open = spans[0];
        foreach (var span in spans)
        {
            if (span.Start < open.End)
            {
                open = new(open.Start, Math.Max(open.End, span.End), open.Text.Length > 0 ? open.Text : span.Text);
                continue;
            }
            edits.Add(open.ToEdit());
            open = span;
        }
        edits.Add(open.ToEdit());
        return edits;
    }

    // Rule names are users' too: nothing in one may end the JSON string it is put into.
    private static string Label(Finding finding)
    {
        var name = finding.RedactAs.Length > 0 ? finding.RedactAs : finding.RuleName;
        return $"[REDACTED:{string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' ? c : '-'))}]";
    }

    // A card number may stand as a JSON number: then the whole number gives way to a string.
    private static void WidenToNumbers(List<Span> spans, ReadOnlySpan<byte> content)
    {
        if (!AnyBeginsLikeNumber(spans, content))
            return;
        var reader = new Utf8JsonReader(content, new JsonReaderOptions { MaxDepth = 1024 }); // deeper than any envelope lets through
        try
        {
            // Both in order, so one walk for all: a hostile result may hold a hundred thousand numbers.
            for (var i = 0; i < spans.Count && reader.Read();)
            {
                if (reader.TokenType != JsonTokenType.Number)
                    continue;
                var (start, end) = ((int)reader.TokenStartIndex, (int)reader.BytesConsumed);
                while (i < spans.Count && spans[i].Start < start)
                    i++;
                for (; i < spans.Count && spans[i].Start < end; i++)
                    spans[i] = new(start, end, $"\"{spans[i].Text}\"");
            }
        }
        catch (JsonException)
        {
            // It was scanned as text, where nothing needs quotes.
        }
    }

    private static bool AnyBeginsLikeNumber(List<Span> spans, ReadOnlySpan<byte> content)
    {
        foreach (var span in spans)
        {
            if (span.Start < content.Length && content[span.Start] is (>= (byte)'0' and <= (byte)'9') or (byte)'-')
                return true;
        }
        return false;
    }

    private readonly record struct Span(int Start, int End, string Text)
    {
        public ContentEdit ToEdit() => new(Start, End - Start, Encoding.UTF8.GetBytes(Text));
    }
}
