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

    public static Anchor[] ReadAll(BinaryReader reader)
    {
        var anchors = new Anchor[reader.Read7BitEncodedInt()];
        for (var i = 0; i < anchors.Length; i++)
            anchors[i] = Read(reader);
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

    private static Anchor Read(BinaryReader reader)
    {
        var path = new int[reader.Read7BitEncodedInt()];
        for (var i = 0; i < path.Length; i++)
            path[i] = reader.Read7BitEncodedInt();
        var (item, cost, isAtStart, grams) = (reader.Read7BitEncodedInt(), reader.ReadDouble(), reader.ReadBoolean(), ReadGrams(reader));
        var companion = reader.ReadBoolean()
            ? new Companion(reader.Read7BitEncodedInt(), reader.Read7BitEncodedInt(), ReadGrams(reader), reader.Read7BitEncodedInt(), reader.Read7BitEncodedInt(), reader.ReadDouble())
            : null;
        return new Anchor(path, item, grams, cost, isAtStart, companion);
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

    private static Gram[] ReadGrams(BinaryReader reader)
    {
        var grams = new Gram[reader.Read7BitEncodedInt()];
        for (var i = 0; i < grams.Length; i++)
            grams[i] = new Gram(reader.ReadUInt32(), reader.Read7BitEncodedInt(), reader.ReadBoolean(), reader.ReadUInt64(), reader.ReadUInt64());
        return grams;
    }
}
