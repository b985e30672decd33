using System.Text;
using System.Text.RegularExpressions;
using Oktsec.Scanning.Parsers;

namespace Oktsec.Scanning.Tests.Parsers;

/// <summary>Globs beside regexes that say the same; what is asked before the comparison never says no to a match.</summary>
public sealed class GlobTests
{
    private static readonly string[] Pieces = ["a", "B", "/", ".", "ssh", "Id", "*", "?", "[*]", "[?]", "é"];
    private static readonly string[] Letters = ["a", "b", "A", "/", ".", "ssh", "SSH", "id", "*", "?", "[", "é", "x"];

    [Fact]
    public void Matches_AnyGlobAndValue_SaysWhatARegexSays()
    {
        var random = new Random(3);
        var matched = 0;
        for (var n = 0; n < 200_000; n++)
        {
            var pieces = Enumerable.Range(0, random.Next(1, 6)).Select(_ => Pieces[random.Next(Pieces.Length)]).ToArray();
            var value = string.Concat(Enumerable.Range(0, random.Next(0, 7)).Select(_ => Letters[random.Next(Letters.Length)]));
            var glob = new Glob(Encoding.UTF8.GetBytes(string.Concat(pieces)));
            var bytes = Encoding.UTF8.GetBytes(value);
            var expected = Matches(pieces, value);
            Assert.True(expected == glob.Matches(bytes), $"{string.Concat(pieces)} on {value}");
            Assert.True(!expected || (glob.MayBeginLike(Glob.HeadOf(bytes)) && glob.MayHold(Glob.PairsOf(bytes))), $"{string.Concat(pieces)} on {value}");
            matched += expected ? 1 : 0;
        }
        Assert.InRange(matched, 5_000, 150_000);
    }

    [Fact]
    public void MayHold_OrdinaryPathsAndFoldersOfKeys_KeepsMostApart()
    {
        var globs = new[] { "*/.ssh/id_*", "*.cursor/rules/*", "*/docker.sock", "*/.aws/credentials" }.Select(glob => new Glob(Encoding.UTF8.GetBytes(glob))).ToList();
        Assert.All(globs, glob => Assert.False(glob.MayHold(Glob.PairsOf("notes/2025/summary.md"u8))));
    }

    // One byte for '?': compared as Latin-1, byte by byte.
    private static bool Matches(string[] pieces, string value)
    {
        var pattern = string.Concat(pieces.Select(piece => piece switch
        {
            "*" => ".*",
            "?" => ".",
            "[*]" or "[?]" => $"\\{piece[1]}",
            _ => string.Concat(Latin(piece).Select(c => char.IsAsciiLetter(c) ? $"[{char.ToLowerInvariant(c)}{char.ToUpperInvariant(c)}]" : Regex.Escape(c.ToString()))),
        }));
        return Regex.IsMatch(Latin(value), $"\\A(?:{pattern})\\z", RegexOptions.Singleline | RegexOptions.CultureInvariant);
    }

    private static string Latin(string text) => Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text));
}
