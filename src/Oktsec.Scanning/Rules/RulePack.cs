using System.Runtime.InteropServices;
using System.Text;
using Oktsec.Scanning.Fields;
using Oktsec.Scanning.Matching;
using Oktsec.Scanning.Views;

namespace Oktsec.Scanning.Rules;

/// <summary>
/// The built-in rules as they run, without what only people read, and the anchors of their patterns, found beforehand: reading the rule files takes half of the time until a first
/// verdict, and finding anchors ten times all the rest. It says what the files say, or is not used: it carries their stamp.
/// </summary>
/// <remarks>Written by the tests when asked to (CONTRIBUTING.md), and compared with the files by them.</remarks>
internal static class RulePack
{
    private const string Resource = "rules.bin";

    private static readonly Lazy<Dictionary<string, Rule>> ById = new(() => RuleSet.ReadEmbedded().ToDictionary(rule => rule.Id));

    /// <summary>A built-in rule with all that its file says.</summary>
    public static Rule Whole(string id) => ById.Value[id];

    /// <summary>Null when the files have changed since it was written: they are read, which takes longer.</summary>
    public static unsafe (List<Rule> Rules, KnownAnchors Anchors)? Read()
    {
        using var stream = (UnmanagedMemoryStream)typeof(RulePack).Assembly.GetManifestResourceStream(Resource)!;
        return stream.Length == 0 ? null : Read(new ReadOnlySpan<byte>(stream.PositionPointer, (int)stream.Length), Stamp());
    }

    internal static (List<Rule> Rules, KnownAnchors Anchors)? Read(ReadOnlySpan<byte> pack, ulong stamp)
    {
        var reader = new PackReader(pack);
        if (reader.UInt64() != stamp)
            return null;
        var (count, anchors) = (reader.Count(), new KnownAnchors());
        var rules = new List<Rule>(count);
        for (; count > 0; count--)
            rules.Add(ReadRule(ref reader, anchors));
        for (count = reader.Count(); count > 0; count--)
            anchors.OfGates.Add(AnchorFormat.ReadAll(ref reader));
        return (rules, anchors);
    }

    /// <summary>Writes rules that came from the files of this stamp.</summary>
    public static void Write(Stream target, IReadOnlyList<Rule> rules, ulong stamp)
    {
        using var writer = new BinaryWriter(target, Encoding.UTF8, leaveOpen: true);
        writer.Write(stamp);
        writer.Write7BitEncodedInt(rules.Count);
        foreach (var rule in rules)
            Write(writer, rule);
        var gates = WordGates.Patterns().ToList();
        writer.Write7BitEncodedInt(gates.Count);
        foreach (var (_, text) in gates)
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
        writer.Write(rule.Status);
        writer.Write(rule.Source);
    }

    private static Rule ReadRule(ref PackReader reader, KnownAnchors anchors) => new()
    {
        Id = reader.Text(),
        Name = reader.Text(),
        Category = reader.Text(),
        Also = reader.Texts(),
        Aliases = reader.Texts(),
        Severity = (Severity)reader.Byte(),
        Where = ReadPlaces(ref reader),
        Fields = (FieldRoles)reader.Int32(),
        Tools = (ToolClasses)reader.Int32(),
        Actions = new ActionByPlace(ReadAction(ref reader), ReadAction(ref reader), ReadAction(ref reader)),
        Patterns = ReadPatterns(ref reader, anchors),
        Condition = reader.Text(),
        Near = reader.Count(),
        Excludes = ReadPatterns(ref reader, anchors),
        Validators = reader.Texts(),
        IsSensitive = reader.Flag(),
        RedactAs = reader.Text(),
        Status = reader.Text(),
        Source = reader.Text(),
        IsBare = true,
    };

    private static RuleAction? ReadAction(ref PackReader reader) => reader.Byte() is > 0 and var action ? (RuleAction)(action - 1) : null;

    private static List<Place> ReadPlaces(ref PackReader reader)
    {
        var (bits, places) = (reader.Byte(), new List<Place>());
        for (var place = Place.Arguments; place <= Place.Result; place++)
            if ((bits >> (int)place & 1) != 0)
                places.Add(place);
        return places;
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

    private static RulePattern[] ReadPatterns(ref PackReader reader, KnownAnchors anchors)
    {
        var patterns = new RulePattern[reader.Count()];
        for (var i = 0; i < patterns.Length; i++)
        {
            var pattern = new RulePattern(reader.Text(), (PatternType)reader.Byte(), reader.Text(), (PatternView)reader.Byte()) { Validators = reader.Texts() };
            if (IsText(pattern.Type))
                anchors.Add(pattern, AnchorFormat.ReadAll(ref reader));
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
}
