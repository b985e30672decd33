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
    private readonly string[] texts;

    /// <param name="buffer">Holds the matches.</param>
    /// <param name="hits">All hits.</param>
    /// <param name="spans">Their places in the input.</param>
    /// <param name="isSensitive">Whether a hit is to be hidden.</param>
    public Excerpts(ScanBuffer buffer, List<Hit> hits, Located[] spans, Predicate<Hit> isSensitive)
    {
        (this.buffer, this.hits) = (buffer, hits);
        texts = new string[hits.Count];
        var order = new int[hits.Count];
        for (var i = 0; i < order.Length; i++)
            order[i] = i;
        Array.Sort(order, (a, b) => spans[a].Start.CompareTo(spans[b].Start));
        // Sensitive hits that began earlier and may reach into this one: as many as rules overlap in one place.
        var open = new List<int>();
        for (var i = 0; i < order.Length; i++)
        {
            var hit = order[i];
            open.RemoveAll(other => spans[other].End <= spans[hit].Start);
            var secrets = new List<int>(open);
            for (var j = i; j < order.Length && spans[order[j]].Start < spans[hit].End; j++)
                if (isSensitive(hits[order[j]]))
                    secrets.Add(order[j]);
            texts[hit] = Write(hits[hit], secrets);
            if (isSensitive(hits[hit]))
                open.Add(hit);
        }
    }

    public string Of(int hit) => texts[hit];

    private string Write(Hit hit, List<int> secrets)
    {
        var length = hit.End - hit.Start;
        var text = buffer.Text.Slice(hit.Start, Math.Min(length, MaxBytes)).ToArray();
        foreach (var secret in secrets)
        {
            // Another rule's secret inside this match is hidden here too; one reached by another way of decoding hides all of it.
            var other = hits[secret];
            var (from, to) = other.Field == hit.Field ? (Math.Max(0, other.Start - hit.Start), Math.Min(length, other.End - hit.Start)) : (0, length);
            if (from < to)
                Mask(text, from, to);
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
    private static void Mask(Span<byte> text, int from, int to)
    {
        if (to - from >= 16)
            from += 4;
        if (from < text.Length)
            text[from..Math.Min(to, text.Length)].Fill((byte)'*');
    }
}
