using System.Runtime.InteropServices;
using System.Text;
using Oktsec.Scanning.Fields;
using Oktsec.Scanning.Matching;
using Oktsec.Scanning.Views;

namespace Oktsec.Scanning.Rules;

/// <summary>
/// The built-in rules as they run, without what only people read, with the anchors of their patterns and the indexes of the three places, found beforehand. It is read where it stands in
/// the program's file, and a rule when its anchor is first met (<see cref="PackedRules"/>). It says what the files say, or is not used: it carries their stamp.
/// </summary>
/// <remarks>Written by the tests when asked to (CONTRIBUTING.md), and compared with the files by them.</remarks>
internal static class RulePack
{
    private const string Resource = "rules.bin";

    private static readonly Lazy<Dictionary<string, Rule>> ById = new(() => RuleSet.ReadEmbedded().ToDictionary(rule => rule.Id));

    /// <summary>A built-in rule with all that its file says.</summary>
    public static Rule Whole(string id) => ById.Value[id];

    /// <summary>Another for any change of what follows the stamp that is not a change of a rule.</summary>
    private const int Format = 2;

    /// <summary>Null when the files have changed since it was written: they are read, which takes longer.</summary>
    public static unsafe PackedRules? Read()
    {
        using var stream = (UnmanagedMemoryStream)typeof(RulePack).Assembly.GetManifestResourceStream(Resource)!;
        return Read(new ReadOnlySpan<byte>(stream.PositionPointer, (int)stream.Length), Stamp());
    }

    /// <param name="pack">Stays where it is as long as the rules are used.</param>
    /// <param name="stamp">Of the files that it must say the same as.</param>
    internal static PackedRules? Read(ReadOnlySpan<byte> pack, ulong stamp)
    {
        if (pack.Length < sizeof(ulong) + sizeof(int) || !BitConverter.IsLittleEndian)
            return null;
        var reader = new PackReader(pack);
        return reader.UInt64() == stamp && reader.Int32() == Format ? new PackedRules(ref reader) : null;
    }

    /// <summary>Writes rules that came from the files of this stamp, and their indexes.</summary>
    public static byte[] Write(RuleSet rules, ulong stamp)
    {
        using var records = new PackWriter();
        var (ruleAt, gateAt, firstBranch) = (new List<int>(), new List<int>(), new List<int>());
        foreach (var rule in rules.InOrder)
        {
            ruleAt.Add(records.Length);
            Write(records, rule);
        }
        foreach (var (_, text) in WordGates.Patterns())
        {
            gateAt.Add(records.Length);
            AnchorFormat.Write(records, Anchors.Of(RegexParser.Parse(text, folded: true)));
        }
        for (int pattern = 0, branch = gateAt.Count; pattern <= rules.Patterns.Count; pattern++)
        {
            firstBranch.Add(branch);
            while (branch < rules.Branches.Count && rules.Branches[branch].Pattern == pattern)
                branch++;
        }
        using var writer = new PackWriter();
        writer.UInt64(stamp);
        writer.Int32(Format);
        foreach (var numbers in (ReadOnlySpan<List<int>>)[ruleAt, [.. rules.FirstPatterns, rules.Patterns.Count], firstBranch, gateAt])
            writer.Table(new Table<int>(CollectionsMarshal.AsSpan(numbers)));
        writer.Table(new Table<byte>(records.Written));
        for (var place = Place.Arguments; place <= Place.Result; place++)
            rules.At(place).Write(writer);
        return writer.Written.ToArray();
    }

    /// <summary>Of the embedded files, from sums that the build made of them: another for any change that is not made for it. Whoever can change the one can change the other.</summary>
    public static ulong Stamp()
    {
        using var stream = (UnmanagedMemoryStream)typeof(RulePack).Assembly.GetManifestResourceStream("rules.sum")!;
        var sums = new byte[stream.Length];
        stream.ReadExactly(sums);
        // Their order is the file system's.
        var stamp = 0UL;
        foreach (var line in sums.AsSpan().Split((byte)'\n'))
        {
            var sum = 0xCBF29CE484222325;
            foreach (var value in sums.AsSpan(line).TrimEnd((byte)'\r'))
                sum = (sum ^ value) * 0x100000001B3;
            stamp += sum;
        }
        return stamp;
    }

    private static void Write(PackWriter writer, Rule rule)
    {
        writer.Text(rule.Id);
        writer.Text(rule.Name);
        writer.Text(rule.Category);
        writer.Texts(rule.Also);
        writer.Texts(rule.Aliases);
        writer.Byte((byte)rule.Severity);
        writer.Byte((byte)rule.Where.Sum(place => 1 << (int)place));
        writer.Int32((int)rule.Fields);
        writer.Int32((int)rule.Tools);
        foreach (var action in (ReadOnlySpan<RuleAction?>)[rule.Actions.Arguments, rule.Actions.Definition, rule.Actions.Result])
            writer.Byte((byte)(action is null ? 0 : 1 + (int)action));
        Write(writer, rule.Patterns);
        writer.Text(rule.Condition);
        writer.Count(rule.Near);
        Write(writer, rule.Excludes);
        writer.Texts(rule.Validators);
        writer.Flag(rule.IsSensitive);
        writer.Text(rule.RedactAs);
        writer.Text(rule.Status);
        writer.Text(rule.Source);
    }

    public static Rule ReadRule(ref PackReader reader, KnownAnchors anchors) => new()
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

    private static void Write(PackWriter writer, IReadOnlyList<RulePattern> patterns)
    {
        writer.Count(patterns.Count);
        foreach (var pattern in patterns)
        {
            writer.Text(pattern.Id);
            writer.Byte((byte)pattern.Type);
            writer.Text(pattern.Value);
            writer.Byte((byte)pattern.View);
            writer.Texts(pattern.Validators);
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
}
