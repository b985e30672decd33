using System.Buffers;

namespace Oktsec.Scanning.Validators;

/// <summary>Text that stands where a secret would: fillers, references to variables, words of documentation.</summary>
internal static class Placeholder
{
    private static readonly SearchValues<string> Words = SearchValues.Create(
        [
            "example", "placeholder", "your", "changeme", "change_me", "change-me", "replace", "insert", "dummy", "sample", "redacted", "xxxx", "****", "....", "todo", "fixme",
            "<", "${", "{{", "$(", "%(", "process.env", "os.environ", "getenv", "secrets.", "not-a-real", "notreal", "fake", "123456789", "abcdefgh", "foobar", "undefined", "null",
        ],
        StringComparison.OrdinalIgnoreCase);

    public static bool IsPlaceholder(ReadOnlySpan<byte> text)
    {
        // Secrets are short; of a long match only its beginning can be a filler.
        Span<char> chars = stackalloc char[128];
        var length = Math.Min(text.Length, chars.Length);
        for (var i = 0; i < length; i++)
            chars[i] = (char)text[i];
        return ((ReadOnlySpan<char>)chars[..length]).ContainsAny(Words) || HasLongRun(text);
    }

    // One character six times over: no generator of secrets does that within any sensible probability.
    private static bool HasLongRun(ReadOnlySpan<byte> text)
    {
        var run = 1;
        for (var i = 1; i < text.Length; i++)
        {
            run = text[i] == text[i - 1] ? run + 1 : 1;
            if (run == 6)
                return true;
        }
        return false;
    }
}
