using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;

namespace Oktsec.Scanning.Matching;

/// <summary>
/// The anchors of the built-in patterns, found beforehand: finding them takes ten times as long as all the rest of getting the rules ready. A pattern that
/// is not in it, a user's or a changed one, is read and divided at load.
/// </summary>
/// <remarks>Written by the tests when asked to (CONTRIBUTING.md), and compared with the pack by them.</remarks>
internal static class AnchorIndex
{
    private const string Resource = "anchors.bin";

    // 128 bits of the hash.
    private const int KeyLength = 16;

    // By strings: a dictionary of other keys would be compiled at start.
    private static readonly Dictionary<string, Anchor[]> Known = Load();

    /// <summary>What a pattern is known by. No two that a user might write share one, by chance or made to.</summary>
    /// <param name="text">The pattern as written, with all else that decides how it is read.</param>
    /// <param name="isFolded">For the folded view.</param>
    public static string Key(string text, bool isFolded) => Key(SHA256.HashData(Encoding.UTF8.GetBytes((isFolded ? "folded:" : "raw:") + text)));

    /// <summary>The anchors of a pattern's alternatives; null when they must be looked for.</summary>
    public static Anchor[]? Find(string key) => Known.GetValueOrDefault(key);

    /// <summary>Writes the anchors of these patterns.</summary>
    public static void Write(Stream target, IEnumerable<(string Text, bool IsFolded, RegexNode Tree)> patterns)
    {
        using var packed = new DeflateStream(target, CompressionLevel.SmallestSize, leaveOpen: true);
        using var writer = new BinaryWriter(packed);
        var known = new SortedDictionary<string, List<Anchor>>(StringComparer.Ordinal);
        foreach (var (text, isFolded, tree) in patterns)
            known[Key(text, isFolded)] = Anchors.Of(tree);
        writer.Write7BitEncodedInt(known.Count);
        foreach (var (key, anchors) in known)
        {
            writer.Write(Convert.FromHexString(key));
            writer.Write7BitEncodedInt(anchors.Count);
            foreach (var anchor in anchors)
                Write(writer, anchor);
        }
    }

    private static string Key(byte[] hash) => Convert.ToHexString(hash, 0, KeyLength);

    private static Dictionary<string, Anchor[]> Load()
    {
        var known = new Dictionary<string, Anchor[]>();
        using var stream = typeof(AnchorIndex).Assembly.GetManifestResourceStream(Resource)!;
        if (stream.Length == 0)
            return known;
        using var reader = new BinaryReader(new DeflateStream(stream, CompressionMode.Decompress));
        for (var count = reader.Read7BitEncodedInt(); count > 0; count--)
        {
            var key = Key(reader.ReadBytes(KeyLength));
            var anchors = new Anchor[reader.Read7BitEncodedInt()];
            for (var i = 0; i < anchors.Length; i++)
                anchors[i] = Read(reader);
            known.Add(key, anchors);
        }
        return known;
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
