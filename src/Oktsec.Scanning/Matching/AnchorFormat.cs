using Oktsec.Scanning.Rules;

namespace Oktsec.Scanning.Matching;

/// <summary>How anchors are written in the pack of the built-in rules.</summary>
internal static class AnchorFormat
{
    public static void Write(PackWriter writer, IReadOnlyList<Anchor> anchors)
    {
        writer.Count(anchors.Count);
        foreach (var anchor in anchors)
            Write(writer, anchor);
    }

    public static Anchor[] ReadAll(ref PackReader reader)
    {
        var anchors = new Anchor[reader.Count()];
        for (var i = 0; i < anchors.Length; i++)
            anchors[i] = Read(ref reader);
        return anchors;
    }

    private static void Write(PackWriter writer, Anchor anchor)
    {
        writer.Count(anchor.Path.Length);
        foreach (var step in anchor.Path)
            writer.Count(step);
        writer.Count(anchor.Item);
        writer.Double(anchor.Cost);
        writer.Flag(anchor.IsAtStart);
        writer.Count(anchor.MaxLength);
        writer.Count(anchor.MaxLengthBefore);
        writer.Flag(anchor.HasSecret);
        Write(writer, anchor.Grams);
        writer.Flag(anchor.Companion is not null);
        if (anchor.Companion is not { } companion)
            return;
        writer.Count(companion.From);
        writer.Count(companion.To);
        Write(writer, companion.Grams);
        writer.Count(companion.Before);
        writer.Count(companion.After);
        writer.Double(companion.Expected);
    }

    private static Anchor Read(ref PackReader reader)
    {
        var path = new int[reader.Count()];
        for (var i = 0; i < path.Length; i++)
            path[i] = reader.Count();
        var (item, cost, isAtStart, maxLength, maxLengthBefore, hasSecret) = (reader.Count(), reader.Double(), reader.Flag(), reader.Count(), reader.Count(), reader.Flag());
        var grams = ReadGrams(ref reader);
        var companion = reader.Flag()
            ? new Companion(reader.Count(), reader.Count(), ReadGrams(ref reader), reader.Count(), reader.Count(), reader.Double())
            : null;
        return new Anchor(path, item, grams, cost, isAtStart, companion, maxLength, maxLengthBefore, hasSecret);
    }

    private static void Write(PackWriter writer, Gram[] grams)
    {
        writer.Count(grams.Length);
        foreach (var gram in grams)
        {
            writer.UInt32(gram.Value);
            writer.Count(gram.Offset);
            writer.Flag(gram.IsShort);
            writer.UInt64(gram.Literal);
            writer.UInt64(gram.Mask);
        }
    }

    private static Gram[] ReadGrams(ref PackReader reader)
    {
        var grams = new Gram[reader.Count()];
        for (var i = 0; i < grams.Length; i++)
            grams[i] = new Gram(reader.UInt32(), reader.Count(), reader.Flag(), reader.UInt64(), reader.UInt64());
        return grams;
    }
}
