namespace Oktsec.Scanning.Rules;

/// <summary>
/// A value under a name, however it is written: <c>NAME=v</c>, <c>name: v</c>, <c>"name": "v"</c> in JSON or in text, <c>name =&gt; 'v'</c>,
/// <c>--name v</c>, <c>X-Name: v</c>, <c>&lt;name&gt;v&lt;</c>, <c>name: NAME</c> with <c>value: v</c> behind it.
/// </summary>
internal static class Assignment
{
    // Closing quote and bracket of the name, escaped where the text is a string in a string.
    private const string NameEnd = """[\\"'`\])]{0,4}""";

    // Indentation between a name and its value stays within a line or two.
    private const string Operator = """(?:\x1F|\s{0,8}(?:=>|:=|\?=|={1,3}|:{1,2}|,|>)\s{0,8}|\s{1,4}|,?[\s"']{0,12}value["'\\]{0,2}(?:\x1F|\s{0,3}[:=>]\s{0,3}))""";
    private const string ValueStart = """[\\"'`({\[]{0,3}""";

    /// <param name="key">What the name holds at the begin of a word, in any case.</param>
    /// <param name="value">The value; it ends where neither letter, digit, dash nor underscore follows.</param>
    public static string Pattern(string key, string value) =>
        $"""(?:\b|_)(?i:{key})[\w.-]{"{0,24}"}{NameEnd}{Operator}{ValueStart}(?P<secret>{value})(?:[^A-Za-z0-9_-]|$)""";
}
