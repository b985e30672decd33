using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Oktsec.Benchmarks.Load;

/// <summary>Text that looks like what agents send and tools return, made from a seed: prose, source code, records and log lines in turn.</summary>
/// <remarks>
/// A scanner's cost depends on what it reads. A run of one letter would flatter it; so would text without digits, paths, quotes and braces.
/// Nothing here is an attack: a contender that refuses a call fails the run.
/// </remarks>
internal static class Payloads
{
    /// <summary>Digits at the start of every text that tell one call from another, so that no answer can come from a cache.</summary>
    public const int MarkerLength = 8;

    // What JavaScript's JSON.stringify escapes: quotes, backslashes, control characters. Clients are mostly JavaScript.
    private static readonly JavaScriptEncoder _encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;

    /// <summary>A JSON string token of about <paramref name="length"/> characters that begins with a marker of zeros.</summary>
    public static byte[] JsonText(int seed, int length)
    {
        var text = new StringBuilder(length + 256).Append('0', MarkerLength).Append('\n');
        var random = new Random(seed);
        for (var section = seed; text.Length < length; section++)
        {
            _ = (section % 4) switch
            {
                0 => Prose(text, random),
                1 => SourceCode(text, random),
                2 => Records(text, random),
                _ => LogLines(text, random),
            };
        }
        text.Length = length;
        return Encoding.UTF8.GetBytes($"\"{JsonEncodedText.Encode(text.ToString(), _encoder)}\"");
    }

    private static StringBuilder Prose(StringBuilder text, Random random)
    {
        for (var sentence = random.Next(3, 7); sentence > 0; sentence--)
        {
            var subject = Pick(random, Words.Subjects);
            text.Append("The ").Append(Pick(random, Words.Adjectives)).Append(' ').Append(subject).Append(' ')
                .Append(Pick(random, Words.Verbs)).Append(" the ").Append(Pick(random, Words.Subjects)).Append(' ')
                .Append(Pick(random, Words.Endings)).Append(". ");
        }
        return text.Append("\n\n");
    }

    private static StringBuilder SourceCode(StringBuilder text, Random random)
    {
        var name = Pick(random, Words.Verbs) + "_" + Pick(random, Words.Subjects);
        text.Append("def ").Append(name).Append("(items, limit=").Append(random.Next(10, 5000)).Append("):\n")
            .Append("    \"\"\"Return the ").Append(Pick(random, Words.Adjectives)).Append(" entries of items.\"\"\"\n")
            .Append("    found = {}\n    for index, item in enumerate(items):\n");
        for (var line = random.Next(2, 6); line > 0; line--)
        {
            text.Append("        if item['").Append(Pick(random, Words.Subjects)).Append("'] >= ").Append(random.Next(1000))
                .Append(":\n            found[item[\"").Append(Pick(random, Words.Subjects)).Append("\"]] = index * ")
                .Append(random.Next(2, 64)).Append(" + len(items)\n");
        }
        return text.Append("    return sorted(found, key=lambda k: -found[k])[:limit]\n\n");
    }

    private static StringBuilder Records(StringBuilder text, Random random)
    {
        text.Append("[\n");
        for (var row = random.Next(2, 6); row > 0; row--)
        {
            text.Append("  {\"id\": ").Append(random.Next(1, 1_000_000)).Append(", \"").Append(Pick(random, Words.Subjects)).Append("\": \"")
                .Append(Pick(random, Words.Adjectives)).Append(' ').Append(Pick(random, Words.Subjects)).Append("\", \"path\": \"src/")
                .Append(Pick(random, Words.Subjects)).Append('/').Append(Pick(random, Words.Verbs)).Append(".py\", \"ratio\": ")
                .Append(random.Next(0, 100)).Append('.').Append(random.Next(10, 99)).Append(", \"open\": ")
                .Append(random.Next(2) == 0 ? "true" : "false").Append("},\n");
        }
        return text.Append("]\n\n");
    }

    private static StringBuilder LogLines(StringBuilder text, Random random)
    {
        for (var line = random.Next(3, 8); line > 0; line--)
        {
            text.Append("2025-11-").Append(random.Next(10, 30)).Append('T').Append(random.Next(10, 24)).Append(':').Append(random.Next(10, 60))
                .Append(":07.").Append(random.Next(100, 1000)).Append("Z INFO ").Append(Pick(random, Words.Subjects)).Append("-worker ")
                .Append(Pick(random, Words.Verbs)).Append(" took ").Append(random.Next(1, 900)).Append(" ms, ")
                .Append(random.Next(1, 4000)).Append(" rows\n");
        }
        return text.Append('\n');
    }

    private static string Pick(Random random, string[] words) => words[random.Next(words.Length)];
}
