using System.Diagnostics;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Oktsec.Core.Configuration;

namespace Oktsec.Core.Tests.Configuration;

/// <summary>Any text: no exception, bounded work, and a configuration or a reason.</summary>
public sealed class ConfigFuzzTests
{
    private static readonly string[] s_seeds =
        [.. Directory.GetFiles(Path.Join(Repository.Root, "examples"), "*.yaml").Order(StringComparer.Ordinal).Select(File.ReadAllText)];

    private static readonly string[] s_pieces =
    [
        ":", ": ", "- ", "-", "?", "? ", "[", "]", "{", "}", ",", "#", " #", "&a ", "*a", "!", "!!str ", "|", ">", "|2-\n", "'", "\"", "%", "@", "`", "\n", "\r", "\t", "  ", "---\n", "...\n",
        "%YAML 1.2\n", "%TAG ! x\n", "<<: ", "~", "null", "true", "0", "${", "${A}", "${file:a}", "$${", "\\", "\\u", "\0", "\u0085", "\u2028", "\uFEFF", "\uD800", "\U0001F600", "gateway:", "agents:",
        "mcp_servers:", "rules:", "webhooks:", "bob:", "command: x", "url: http://a", "allowed_tools: [a]", "port: 1", "events:", "headers:", "category_webhooks:", "limits:", "args:",
    ];

    [Fact]
    public void Read_AnyText_GivesAConfigurationOrAReason()
    {
        Prop.ForAll(ArbMap.Default.ArbFor<string>(), text =>
        {
            Read(text ?? "");
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));
    }

    [Fact]
    public void Read_PiecesOfYamlInAnyOrder_GiveAConfigurationOrAReason()
    {
        var random = new Random(20261);
        var text = new StringBuilder();
        for (var i = 0; i < 900_000; i++)
        {
            text.Clear();
            for (var length = random.Next(1, 30); length > 0; length--)
                text.Append(s_pieces[random.Next(s_pieces.Length)]);
            Read(text.ToString());
        }
    }

    [Fact]
    public void Read_DamagedExamples_GiveAConfigurationOrAReason()
    {
        var random = new Random(20262);
        for (var i = 0; i < 100_000; i++)
        {
            var text = new StringBuilder(s_seeds[random.Next(s_seeds.Length)]);
            for (var changes = random.Next(1, 6); changes > 0; changes--)
                Damage(text, random);
            Read(text.ToString());
        }
    }

    public static TheoryData<string> Hostile =>
        ["[", "{", "- ", "? ", "a: ", "&a ", "*a ", "- &a *a\n", "!x ", "'", "\"", "\"\\", "#\n", "%\n", "---\n", "a: b\n", "- a\n", "a:\n", " ", "\n", "\t", "${", "$${", "${A}", "|\n", ">\n ", "[a,", "{a:", "[[],", "? [", "\u2028", "-\n", "a\n"];

    [Theory]
    [MemberData(nameof(Hostile))]
    public void Read_AMebibyteOfOnePiece_EndsSoon(string piece)
    {
        var text = string.Concat(Enumerable.Repeat(piece, ConfigReader.MaxBytes / piece.Length));
        var started = Stopwatch.GetTimestamp();

        Read(text);
        Read("agents:\n  bob:\n    description: " + text[..(text.Length - 40)]);
        Read("agents:\n  bob:\n    description: \"" + text[..(text.Length - 40)]);

        // A bound against quadratic work, not a measure: the slowest takes under a second when the machine is idle, quadratic ones minutes.
        Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(30));
    }

    private static void Damage(StringBuilder text, Random random)
    {
        var at = random.Next(text.Length);
        switch (random.Next(4))
        {
            case 0:
                text.Remove(at, Math.Min(text.Length - at, random.Next(1, 20)));
                break;
            case 1:
                text[at] = (char)random.Next(0x20, 0x7F);
                break;
            case 2:
                text.Insert(at, s_pieces[random.Next(s_pieces.Length)]);
                break;
            default:
                text.Insert(at, text.ToString(at, Math.Min(text.Length - at, random.Next(1, 80))));
                break;
        }
        if (text.Length == 0)
            text.Append('a');
    }

    private static void Read(string text)
    {
        var result = Sample.Read(text);

        Assert.Equal(result.Config is null, result.Problems.Any(p => p.Kind == ProblemKind.Error));
        Assert.All(result.Problems, p => Assert.True(p.Line >= 0 && p.Column >= 0 && p.Message.Length > 0));
    }
}
