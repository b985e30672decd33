using Oktsec.Scanning.Parsers;

namespace Oktsec.Scanning.Tests.Parsers;

/// <summary>Any bytes: no exception, and an end.</summary>
public sealed class ParserFuzzTests
{
    private static readonly string[] Pieces =
    [
        "rm", " ", "-rf", "$(", ")", "`", "'", "\"", "\\", "|", "&&", ";", "<", ">", "<(", "${IFS}", "{a,b}", "$'", "\n", "bash -c ", "select ", "/*", "*/", "--", "#", "$$", "$t$", "(", ",", "=", "1", "[", "]",
        "../", "/", "..;/", "%00", "\0", "http://", "[::1", "]", ":", "@", "é", "\u200b", "0x", ".nip.io", "~", "eval ", "find -exec ", "$HOME", "C:\\", "\\\\?\\", "'a'='a'", " or ", "drop table ",
        "?u=http://", "\\@", "#@", "./", "information_schema.", "4a6f686e20446f65206a6f686e", "&",
        "powershell -c ", "^", "%COMSPEC%", "iex (", "ssh h ", "sudo ", "-Path:x", "%0a", "\\n", "\u2013e",
    ];

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Parse_RandomPieces_Ends(byte language)
    {
        var random = new Random(language);
        for (var i = 0; i < 4000; i++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(1, 40)).Select(_ => Pieces[random.Next(Pieces.Length)]));
            Recorder.Run((FactLanguage)language, System.Text.Encoding.UTF8.GetBytes(text), new Recorder());
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Parse_RandomBytes_Ends(byte language)
    {
        var random = new Random(language);
        for (var i = 0; i < 2000; i++)
        {
            var bytes = new byte[random.Next(1, 200)];
            random.NextBytes(bytes);
            Recorder.Run((FactLanguage)language, bytes, new Recorder());
        }
    }
}
