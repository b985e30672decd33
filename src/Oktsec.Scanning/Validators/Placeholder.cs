using System.Buffers;
using System.Text;

namespace Oktsec.Scanning.Validators;

/// <summary>Text that stands where a secret would: fillers, references to variables, words of documentation.</summary>
internal static class Placeholder
{
    private static readonly SearchValues<string> Words = SearchValues.Create(
        [
            "example", "placeholder", "your", "changeme", "change_me", "change-me", "replace", "insert", "dummy", "sample", "redacted", "xxxx", "****", "....", "todo", "fixme",
            "<", "${", "{{", "$(", "%(", "process.env", "os.environ", "getenv", "secrets.", "not-a-real", "notreal", "fake", "123456789", "abcdefgh", "foobar", "undefined", "null",
            "qwerty", "lorem", "_here", "-here", "enter_", "enter-", "put_", "my_api", "my-api", "mysecret", "my-secret", "my_secret", "randomstring", "some_", "some-",
        ],
        StringComparison.OrdinalIgnoreCase);

    // What documentation writes for a password; the same words are passwords nobody protects.
    private static readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> StandIns = new HashSet<string>(
        ["password", "passwd", "pass", "pwd", "pw", "secret", "token", "apikey", "api_key", "api-key", "key", "user", "username", "xxx", "yyy", "zzz", "foo", "bar", "test", "abc", "123", "1234", "12345", "123456", "none", "admin", "root", "guest", "postgres", "changeit", "your_password", "xxxx", "true", "false", "string", "value", "...", "port"],
        StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>A placeholder, or a word that names a password instead of being one.</summary>
    public static bool IsStandIn(ReadOnlySpan<byte> text)
    {
        text = text.Trim("'\""u8);
        if (text.Length < 3 || text[0] is (byte)'$' or (byte)'%' or (byte)'[' or (byte)'{' or (byte)'<' or (byte)'*' || text.Length > 128)
            return text.Length <= 128;
        Span<char> chars = stackalloc char[128];
        return StandIns.Contains(chars[..Encoding.Latin1.GetChars(text, chars)]) || IsPlaceholder(text);
    }

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
