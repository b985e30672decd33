using System.IO.Compression;
using System.Runtime.InteropServices;
using Oktsec.Scanning.Fields;
using Oktsec.Scanning.Matching;
using Oktsec.Scanning.Views;

namespace Oktsec.Scanning.Rules;

/// <summary>
/// The built-in rules as they run, without their examples, and the anchors of their patterns, found beforehand: reading the rule files takes half of the time until a first
/// verdict, and finding anchors ten times all the rest. It says what the files say, or is not used: it carries their stamp.
/// </summary>
/// <remarks>Written by the tests when asked to (CONTRIBUTING.md), and compared with the files by them.</remarks>
internal static class RulePack
{
    private const string Resource = "rules.bin";

    private static readonly Lazy<Dictionary<string, Rule>> Whole = new(() => RuleSet.ReadEmbedded().ToDictionary(rule => rule.Id));

    /// <summary>Null when the files have changed since it was written: they are read, which takes longer.</summary>
    public static (List<Rule> Rules, Dictionary<string, Anchor[]> Anchors)? Read()
    {
        using var stream = typeof(RulePack).Assembly.GetManifestResourceStream(Resource)!;
        return stream.Length == 0 ? null : Read(stream, Stamp());
    }

    internal static (List<Rule> Rules, Dictionary<string, Anchor[]> Anchors)? Read(Stream packed, ulong stamp)
    {
        var unpacked = new MemoryStream();
        using (var inflating = new DeflateStream(packed, CompressionMode.Decompress))
            inflating.CopyTo(unpacked);
        unpacked.Position = 0;
        using var reader = new BinaryReader(unpacked);
        if (reader.ReadUInt64() != stamp)
            return null;
        var (rules, anchors) = (new List<Rule>(), new Dictionary<string, Anchor[]>());
        for (var count = reader.Read7BitEncodedInt(); count > 0; count--)
            rules.Add(ReadRule(reader, anchors));
        foreach (var (_, text) in WordGates.Patterns())
            anchors[TextPattern.Key(text, isFolded: true)] = AnchorFormat.ReadAll(reader);
        return (rules, anchors);
    }

    /// <summary>Writes rules that came from the files of this stamp.</summary>
    public static void Write(Stream target, IReadOnlyList<Rule> rules, ulong stamp)
    {
        using var packed = new DeflateStream(target, CompressionLevel.SmallestSize, leaveOpen: true);
        using var writer = new BinaryWriter(packed);
        writer.Write(stamp);
        writer.Write7BitEncodedInt(rules.Count);
        foreach (var rule in rules)
            Write(writer, rule);
        foreach (var (_, text) in WordGates.Patterns())
            AnchorFormat.Write(writer, Anchors.Of(RegexParser.Parse(text, folded: true)));
    }

    /// <summary>Of the embedded files: another for any change that is not made for it. Whoever can change the one can change the other.</summary>
    public static ulong Stamp()
    {
        var assembly = typeof(RulePack).Assembly;
        var stamp = 0UL;
        var buffer = new byte[1 << 16];
        foreach (var name in RuleSet.EmbeddedNames())
        {
            using var stream = assembly.GetManifestResourceStream(name)!;
            for (int read; (read = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false)) > 0;)
            {
                buffer.AsSpan(read).Clear();
                foreach (var word in MemoryMarshal.Cast<byte, ulong>(buffer.AsSpan(0, (read + 7) & ~7)))
                    stamp = ulong.RotateLeft((stamp ^ word) * 0x9E3779B97F4A7C15, 29);
                stamp ^= (ulong)read;
            }
        }
        return stamp;
    }

    private static void Write(BinaryWriter writer, Rule rule)
    {
        writer.Write(rule.Id);
        writer.Write(rule.Name);
        writer.Write(rule.Category);
        Write(writer, rule.Also);
        Write(writer, rule.Aliases);
        writer.Write((byte)rule.Severity);
        writer.Write(rule.Description);
        writer.Write(rule.Remediation);
        writer.Write((byte)rule.Where.Sum(place => 1 << (int)place));
        writer.Write((int)rule.Fields);
        writer.Write((int)rule.Tools);
        foreach (var action in (ReadOnlySpan<RuleAction?>)[rule.Actions.Arguments, rule.Actions.Definition, rule.Actions.Result])
            writer.Write((byte)(action is null ? 0 : 1 + (int)action));
        Write(writer, rule.Patterns);
        writer.Write(rule.Condition);
        writer.Write7BitEncodedInt(rule.Near);
        Write(writer, rule.Excludes);
        Write(writer, rule.Validators);
        writer.Write(rule.IsSensitive);
        writer.Write(rule.RedactAs);
        writer.Write7BitEncodedInt(rule.References.Count);
        foreach (var (key, values) in rule.References)
        {
            writer.Write(key);
            Write(writer, values);
        }
        writer.Write(rule.Status);
        writer.Write(rule.Source);
    }

    private static Rule ReadRule(BinaryReader reader, Dictionary<string, Anchor[]> anchors)
    {
        var id = reader.ReadString();
        return new Rule
        {
            Id = id,
            Name = reader.ReadString(),
            Category = reader.ReadString(),
            Also = ReadStrings(reader),
            Aliases = ReadStrings(reader),
            Severity = (Severity)reader.ReadByte(),
            Description = reader.ReadString(),
            Remediation = reader.ReadString(),
            Where = ReadPlaces(reader),
            Fields = (FieldRoles)reader.ReadInt32(),
            Tools = (ToolClasses)reader.ReadInt32(),
            Actions = new ActionByPlace(ReadAction(reader), ReadAction(reader), ReadAction(reader)),
            Patterns = ReadPatterns(reader, anchors),
            Condition = reader.ReadString(),
            Near = reader.Read7BitEncodedInt(),
            Excludes = ReadPatterns(reader, anchors),
            Validators = ReadStrings(reader),
            IsSensitive = reader.ReadBoolean(),
            RedactAs = reader.ReadString(),
            References = ReadReferences(reader),
            Status = reader.ReadString(),
            Source = reader.ReadString(),
            TruePositives = new Examples(id, isPositive: true),
            FalsePositives = new Examples(id, isPositive: false),
        };
    }

    private static RuleAction? ReadAction(BinaryReader reader) => reader.ReadByte() is > 0 and var action ? (RuleAction)(action - 1) : null;

    private static List<Place> ReadPlaces(BinaryReader reader)
    {
        var (bits, places) = (reader.ReadByte(), new List<Place>());
        for (var place = Place.Arguments; place <= Place.Result; place++)
            if ((bits >> (int)place & 1) != 0)
                places.Add(place);
        return places;
    }

    private static Dictionary<string, IReadOnlyList<string>> ReadReferences(BinaryReader reader)
    {
        var references = new Dictionary<string, IReadOnlyList<string>>();
        for (var count = reader.Read7BitEncodedInt(); count > 0; count--)
            references.Add(reader.ReadString(), ReadStrings(reader));
        return references;
    }

    private static void Write(BinaryWriter writer, IReadOnlyList<RulePattern> patterns)
    {
        writer.Write7BitEncodedInt(patterns.Count);
        foreach (var pattern in patterns)
        {
            writer.Write(pattern.Id);
            writer.Write((byte)pattern.Type);
            writer.Write(pattern.Value);
            writer.Write((byte)pattern.View);
            Write(writer, pattern.Validators);
            if (IsText(pattern.Type))
                AnchorFormat.Write(writer, Anchors.Of(RuleCompiler.Tree(pattern)));
        }
    }

    private static RulePattern[] ReadPatterns(BinaryReader reader, Dictionary<string, Anchor[]> anchors)
    {
        var patterns = new RulePattern[reader.Read7BitEncodedInt()];
        for (var i = 0; i < patterns.Length; i++)
        {
            var pattern = new RulePattern(reader.ReadString(), (PatternType)reader.ReadByte(), reader.ReadString(), (PatternView)reader.ReadByte()) { Validators = ReadStrings(reader) };
            if (IsText(pattern.Type))
                anchors[TextPattern.Key(RuleCompiler.Written(pattern), pattern.View == PatternView.Folded)] = AnchorFormat.ReadAll(reader);
            patterns[i] = pattern;
        }
        return patterns;
    }

    private static bool IsText(PatternType type) => type is PatternType.Regex or PatternType.Contains or PatternType.Word;

    private static void Write(BinaryWriter writer, IReadOnlyList<string> texts)
    {
        writer.Write7BitEncodedInt(texts.Count);
        foreach (var text in texts)
            writer.Write(text);
    }

    private static string[] ReadStrings(BinaryReader reader)
    {
        var count = reader.Read7BitEncodedInt();
        var texts = count == 0 ? [] : new string[count];
        for (var i = 0; i < count; i++)
            texts[i] = reader.ReadString();
        return texts;
    }

    /// <summary>Read from the files when somebody asks, which no scan does.</summary>
    private sealed class Examples(string rule, bool isPositive) : IReadOnlyList<RuleExample>
    {
        private IReadOnlyList<RuleExample> All => isPositive ? Whole.Value[rule].TruePositives : Whole.Value[rule].FalsePositives;

        public int Count => All.Count;

        public RuleExample this[int index] => All[index];

        public IEnumerator<RuleExample> GetEnumerator() => All.GetEnumerator();

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
