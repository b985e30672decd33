using Oktsec.Scanning.Rules;

namespace Oktsec.Scanning.Matching;

/// <summary>How anchors are written in the pack of the built-in rules.</summary>
internal static class AnchorFormat
{
    public static void Write(BinaryWriter writer, IReadOnlyList<Anchor> anchors)
    {
        writer.Write7BitEncodedInt(anchors.Count);
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

    private static void Write(BinaryWriter writer, Anchor anchor)
    {
        writer.Write7BitEncodedInt(anchor.Path.Length);
        foreach (var step in anchor.Path)
            writer.Write7BitEncodedInt(step);
        writer.Write7BitEncodedInt(anchor.Item);
        writer.Write(anchor.Cost);
        writer.Write(anchor.IsAtStart);
        writer.Write7BitEncodedInt(anchor.MaxLength);
        writer.Write7BitEncodedInt(anchor.MaxLengthBefore);
        writer.Write(anchor.HasSecret);
        Write(writer, anchor.Grams);
        writer.Write(anchor.Companion is not null);
        if (anchor.Companion is not { } companion)
            return;
        writer.Write7BitEncodedInt(companion.From);
        writer.Write7BitEncodedInt(companion.To);
        Write(writer, companion.Grams);
        writer.Write7BitEncodedInt(companion.Before);
        writer.Write7BitEncodedInt(companion.After);
        writer.Write(companion.Expected);
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

    private static void Write(BinaryWriter writer, Gram[] grams)
    {
        writer.Write7BitEncodedInt(grams.Length);
        foreach (var gram in grams)
        {
            writer.Write(gram.Value);
            writer.Write7BitEncodedInt(gram.Offset);
            writer.Write(gram.IsShort);
            writer.Write(gram.Literal);
            writer.Write(gram.Mask);
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
