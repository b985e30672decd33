using System.Text;
using Oktsec.Scanning.Parsers;

namespace Oktsec.Scanning.Tests.Parsers;

/// <summary>Writes what a parser reports as one line per item: <c>cmd:rm flag:rf flag:r flag:f arg:/</c>.</summary>
internal sealed class Recorder : IFactSink
{
    public List<string> Items { get; } = [];

    public void Item(FactLanguage language, FactList facts, int start, int end)
    {
        Assert.InRange(start, 0, end);
        var line = new StringBuilder();
        for (var i = 0; i < facts.Count; i++)
            line.Append(i > 0 ? " " : "").Append(facts.KeyAt(i).ToString().ToLowerInvariant()).Append(':').Append(Encoding.UTF8.GetString(facts.ValueAt(i)));
        Items.Add(line.ToString());
    }

    public bool Any(string predicate, FactLanguage language, string text)
    {
        var parsed = FactPredicate.Parse(predicate);
        var any = new Any_(parsed);
        Run(language, Encoding.UTF8.GetBytes(text), any);
        return any.Found;
    }

    public static void Run(FactLanguage language, byte[] text, IFactSink sink)
    {
        switch (language)
        {
            case FactLanguage.Shell:
                new ShellCommand().Parse(text, sink);
                break;
            case FactLanguage.Injection:
                new ShellCommand().ParseValue(text, sink);
                break;
            case FactLanguage.Sql:
                new SqlStatement().Parse(text, sink);
                break;
            case FactLanguage.Path:
                new CanonicalPath().Parse(text, sink, 0, text.Length);
                break;
            default:
                new CanonicalUrl().Parse(text, isUrl: true, sink);
                break;
        }
    }

    public static bool Holds(FactLanguage language, string text, string predicate) => new Recorder().Any(predicate, language, text);

    private sealed class Any_(FactPredicate predicate) : IFactSink
    {
        public bool Found { get; private set; }

        public void Item(FactLanguage language, FactList facts, int start, int end) => Found |= predicate.Holds(facts);
    }
}
