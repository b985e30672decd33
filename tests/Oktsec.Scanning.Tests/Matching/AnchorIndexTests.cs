using System.IO.Compression;
using Oktsec.Scanning.Matching;
using Oktsec.Scanning.Rules;
using Oktsec.Scanning.Tests.Rules;
using Oktsec.Scanning.Views;

namespace Oktsec.Scanning.Tests.Matching;

public sealed class AnchorIndexTests
{
    private const string File = "src/Oktsec.Scanning/Matching/anchors.bin";

    /// <summary>Stale, it would still be right, and the rules slow to get ready. <c>OKTSEC_WRITE_DOCS=1</c> writes it anew.</summary>
    [Fact]
    public void AnchorIndex_BuiltInPack_IsTheSame()
    {
        using var expected = new MemoryStream();
        AnchorIndex.Write(expected, Patterns());
        var path = RepositoryFile.Path(File);
        if (Environment.GetEnvironmentVariable("OKTSEC_WRITE_DOCS") == "1")
            System.IO.File.WriteAllBytes(path, expected.ToArray());
        Assert.True(Unpacked(System.IO.File.ReadAllBytes(path)).AsSpan().SequenceEqual(Unpacked(expected.ToArray())), $"{File} is not what the rules say: run this test once with OKTSEC_WRITE_DOCS=1");
    }

    private static byte[] Unpacked(byte[] packed)
    {
        using var target = new MemoryStream();
        using var source = new DeflateStream(new MemoryStream(packed), CompressionMode.Decompress);
        source.CopyTo(target);
        return target.ToArray();
    }

    private static IEnumerable<(string, bool, RegexNode)> Patterns()
    {
        foreach (var pattern in RuleSet.BuiltIn().All.SelectMany(rule => rule.Patterns))
            if (pattern.Type is PatternType.Regex or PatternType.Contains or PatternType.Word)
                yield return (RuleCompiler.Written(pattern), pattern.View == PatternView.Folded, RuleCompiler.Tree(pattern));
        foreach (var pattern in WordGates.Patterns())
            yield return (pattern.Text, true, RegexParser.Parse(pattern.Text, folded: true));
    }
}
