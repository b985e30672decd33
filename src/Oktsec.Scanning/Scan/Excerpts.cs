using System.Text;
using Oktsec.Scanning.Fields;

namespace Oktsec.Scanning.Scan;

/// <summary>What findings show of their matches: short, without secrets and without characters that play on whoever reads a log.</summary>
internal sealed class Excerpts
{
    private const int MaxMatch = 80;

    // 80 characters of four bytes, and the rest of the one that is cut.
    private const int MaxBytes = 4 * (MaxMatch + 1);

    private readonly ScanBuffer buffer;
    private readonly List<Hit> hits;
    private readonly Located[] spans;

    // Sensitive hits in the order of the hits, those looked at so far, and of them those that may reach into the next match.
    private readonly List<int> sensitive = [];
    private readonly List<int> open = [];
    private readonly SecretSpans elsewhere;
    private int next;

    /// <param name="buffer">Holds the matches.</param>
    /// <param name="hits">All hits, by field and start.</param>
    /// <param name="spans">Their places in the input.</param>
    /// <param name="isSensitive">Whether a hit is to be hidden.</param>
    public Excerpts(ScanBuffer buffer, List<Hit> hits, Located[] spans, Predicate<Hit> isSensitive)
    {
        (this.buffer, this.hits, this.spans) = (buffer, hits, spans);
        for (var i = 0; i < hits.Count; i++)
            if (isSensitive(hits[i]))
                sensitive.Add(i);
        elsewhere = new SecretSpans(sensitive.ConvertAll(i => (spans[i].Start, spans[i].End, hits[i].Field)));
    }

    /// <summary>What to show of a hit. Asked for in the order of the hits: text made of matches is gone through once.</summary>
    public string Of(int index)
    {
        var hit = hits[index];
        for (; next < sensitive.Count && (hits[sensitive[next]].Field < hit.Field || (hits[sensitive[next]].Field == hit.Field && hits[sensitive[next]].Start < hit.End)); next++)
            open.Add(sensitive[next]);
        Close(hit);
        var length = hit.End - hit.Start;
        Span<byte> text = stackalloc byte[Math.Min(length, MaxBytes)];
        buffer.Text.Slice(hit.Start, text.Length).CopyTo(text);
        // Another rule's secret inside this match is hidden here too; one reached by another way of decoding hides all of it.
        foreach (var secret in open)
            if (Math.Max(0, hits[secret].Start - hit.Start) is var from && from < text.Length)
                Mask(text, from, Math.Min(length, hits[secret].End - hit.Start));
        if (elsewhere.Overlap(spans[index].Start, spans[index].End, hit.Field))
            Mask(text, 0, length);
        return Shown(text);
    }

    // Those that end before this hit reach into none that follows.
    private void Close(Hit hit)
    {
        var kept = 0;
        for (var i = 0; i < open.Count; i++)
            if (hits[open[i]].Field == hit.Field && hits[open[i]].End > hit.Start)
                open[kept++] = open[i];
        open.RemoveRange(kept, open.Count - kept);
    }

    private static string Shown(ReadOnlySpan<byte> text)
    {
        if (text.IndexOfAnyExceptInRange((byte)' ', (byte)'~') < 0)
            return Encoding.ASCII.GetString(text[..Math.Min(text.Length, MaxMatch)]);
        // The last character may take two.
        Span<char> shown = stackalloc char[MaxMatch + 1];
        var length = 0;
        while (!text.IsEmpty && length < MaxMatch)
        {
            Rune.DecodeFromUtf8(text, out var rune, out var read);
            text = text[read..];
            // Control and invisible characters would play on whoever reads the log.
            length += (Rune.IsControl(rune) || Views.FoldTable.IsInvisible(rune.Value) ? new Rune('·') : rune).EncodeToUtf16(shown[length..]);
        }
        return new string(shown[..length]);
    }

    // Four characters of a long secret tell which one it is and no more.
    private static void Mask(Span<byte> text, int from, int to)
    {
        if (to - from >= 16)
            from += 4;
        if (from < text.Length && from < to)
            text[from..Math.Min(to, text.Length)].Fill((byte)'*');
    }
}
