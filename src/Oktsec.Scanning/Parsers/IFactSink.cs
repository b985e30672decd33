namespace Oktsec.Scanning.Parsers;

/// <summary>Receives what a parser found.</summary>
internal interface IFactSink
{
    /// <summary>One command, statement, path or URL; the facts are the parser's and change afterwards.</summary>
    /// <param name="language">Which parser says so.</param>
    /// <param name="facts">What it says.</param>
    /// <param name="start">Where the item begins in the parsed text.</param>
    /// <param name="end">Behind its last byte.</param>
    void Item(FactLanguage language, FactList facts, int start, int end);
}

/// <summary>The parsers; a rule's pattern names one as its type.</summary>
internal enum FactLanguage : byte
{
    Shell,
    Sql,
    Path,
    Url,

    /// <summary>The shell's facts, of commands in values that are none.</summary>
    Injection,
}
