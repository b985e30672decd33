using System.Text;

namespace Oktsec.Scanning.Parsers;

/// <summary>What the reader of command lines must know of programs: who runs another one, who takes a program as text.</summary>
internal static class ShellPrograms
{
    // Programs that run the program named behind them, with flags that take a value.
    private static readonly Dictionary<string, string> Wrappers = new()
    {
        ["sudo"] = "ugpCDhRrtT", ["doas"] = "uC", ["env"] = "uSC", ["nohup"] = "", ["nice"] = "n", ["ionice"] = "cn", ["time"] = "fo", ["timeout"] = "sk", ["xargs"] = "IiLnPsdEa", ["setsid"] = "",
        ["stdbuf"] = "ioe", ["command"] = "", ["builtin"] = "", ["exec"] = "a", ["busybox"] = "", ["toybox"] = "", ["watch"] = "n", ["strace"] = "opes", ["chroot"] = "", ["unshare"] = "", ["nsenter"] = "t",
        ["su"] = "", ["runuser"] = "u", ["pkexec"] = "", ["parallel"] = "j", ["if"] = "", ["then"] = "", ["else"] = "", ["elif"] = "", ["do"] = "", ["while"] = "", ["until"] = "", ["!"] = "", ["start"] = "", ["call"] = "",
    };

    // Flags of ssh that take a value; the first word behind them is the host, the rest a command.
    private const string SshValues = "bcDEeFIiJLlmOopQRSWw";

    private static readonly Dictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> ByName = Wrappers.GetAlternateLookup<ReadOnlySpan<char>>();

    public static bool IsWrapper(ReadOnlySpan<byte> name) => FlagsOf(name, stackalloc char[16]) is not null;

    public static bool TakesValue(ReadOnlySpan<byte> name, byte flag) =>
        (IsSsh(name) ? SshValues : FlagsOf(name, stackalloc char[16]))?.Contains((char)flag) ?? false;

    private static string? FlagsOf(ReadOnlySpan<byte> name, Span<char> scratch)
    {
        if (name.Length is 0 or > 16)
            return null;
        Encoding.Latin1.GetChars(name, scratch);
        return ByName.TryGetValue(scratch[..name.Length], out var flags) ? flags : null;
    }

    public static bool IsSsh(ReadOnlySpan<byte> name) => name.SequenceEqual("ssh"u8);

    public static bool IsShell(ReadOnlySpan<byte> name) =>
        (name.Length is >= 2 and <= 4 && name.EndsWith("sh"u8) && !IsSsh(name) && !name.SequenceEqual("push"u8)) || IsPowerShell(name) || Ascii.EqualsIgnoreCase(name, "cmd"u8);

    public static bool IsPowerShell(ReadOnlySpan<byte> name) => Ascii.EqualsIgnoreCase(name, "powershell"u8) || Ascii.EqualsIgnoreCase(name, "pwsh"u8);

    /// <summary>Reads a program from its input when it is given none.</summary>
    public static bool IsInterpreter(ReadOnlySpan<byte> name) =>
        IsShell(name) || name.StartsWith("python"u8) || name.SequenceEqual("perl"u8) || name.SequenceEqual("ruby"u8) || name.SequenceEqual("node"u8) || name.SequenceEqual("php"u8)
        || name.SequenceEqual("lua"u8) || name.SequenceEqual("osascript"u8) || name.SequenceEqual("deno"u8) || name.SequenceEqual("bun"u8) || name.SequenceEqual("tclsh"u8);

    /// <summary>Runs the text it is given as words: eval, PowerShell's Invoke-Expression, and reading a file or stream as commands.</summary>
    public static bool IsEval(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("eval"u8) || name.SequenceEqual("source"u8) || name.SequenceEqual("."u8) || Ascii.EqualsIgnoreCase(name, "iex"u8) || Ascii.EqualsIgnoreCase(name, "invoke-expression"u8);

    /// <summary>Verb-Noun, as PowerShell names its commands: its parameters are words, not bundles of letters.</summary>
    public static bool IsCmdlet(ReadOnlySpan<byte> name)
    {
        var dash = name.IndexOf((byte)'-');
        if (dash < 2 || dash + 2 >= name.Length || name[(dash + 1)..].Contains((byte)'-'))
            return false;
        foreach (var verb in Verbs)
            if (Ascii.EqualsIgnoreCase(name[..dash], verb))
                return true;
        return false;
    }

    // The verbs commands of danger begin with; the list of all approved ones would take apt-get for none and git-clear for one.
    private static readonly byte[][] Verbs =
        [.. "remove invoke start stop new set get out add clear disable enable import expand restart register write copy move rename test send receive convertto convertfrom where foreach select".Split(' ').Select(Encoding.ASCII.GetBytes)];

    /// <summary>Something in the text is written as PowerShell and cmd do, and a POSIX shell would read it otherwise.</summary>
    public static bool LooksLikeWindows(ReadOnlySpan<byte> text)
    {
        for (var i = text.IndexOfAny("\\^`%("u8); i >= 0 && i + 1 < text.Length;)
        {
            var before = i > 0 ? (char)text[i - 1] : ' ';
            var after = (char)text[i + 1];
            if (text[i] switch
            {
                (byte)'\\' => before == ':' || ((char.IsAsciiLetterOrDigit(before) || before is '.' or '%' or '\\') && char.IsAsciiLetterOrDigit(after)),
                (byte)'^' => char.IsAsciiLetterOrDigit(after),
                (byte)'`' => char.IsAsciiLetter(before) && char.IsAsciiLetter(after),
                (byte)'%' => char.IsAsciiLetter(after),
                _ => char.IsAsciiLetterOrDigit(before) || (before == ' ' && i > 1 && char.IsAsciiLetterOrDigit((char)text[i - 2])) || (i == 0 && char.IsAsciiLetter(after)),
            })
                return true;
            var next = text[(i + 1)..].IndexOfAny("\\^`%("u8);
            i = next < 0 ? -1 : i + 1 + next;
        }
        return false;
    }
}
