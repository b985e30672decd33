using System.Text;

namespace Oktsec.Clients.Servers;

/// <summary>The command line of <c>oktsec hook</c> as a client gives it to a shell.</summary>
internal static class HookCommandLine
{
    public static string Write(Machine machine, string agent, bool enforce)
    {
        string[] words = [.. machine.Program, "hook", "--agent", agent, .. enforce ? ["--enforce"] : (string[])[], "--config", machine.ConfigPath];
        return string.Join(' ', words.Select(word => Quoted(word, machine.Kind)));
    }

    public static bool IsOurs(string command) =>
        Words(command) is var words && ProxyArguments.ProgramLength(words) is > 0 and var start && words.Count > start && words[start] == "hook";

    /// <summary>Which executable one of our commands starts, and whether it denies.</summary>
    public static (string Program, bool Enforce) Read(string command) =>
        Words(command) is { Count: > 0 } words ? (words[Math.Max(0, ProxyArguments.ProgramLength(words) - 1)], words.Contains("--enforce")) : ("", false);

    // What no shell reads otherwise stays bare. Windows: both of its shells, and the Unix one that clients bring, know double quotes.
    private static string Quoted(string word, MachineKind kind)
    {
        if (word.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '.' or '_' or '-' or ':' or '+' or '@' or '%'))
            return word;
        return kind == MachineKind.Windows ? $"\"{word}\"" : $"'{word.Replace("'", @"'\''", StringComparison.Ordinal)}'";
    }

    private static List<string> Words(string command)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        var (quote, isWord) = ('\0', false);
        for (var i = 0; i < command.Length; i++)
        {
            var c = command[i];
            if (quote != '\0' ? c == quote : c is '\'' or '"')
                (quote, isWord) = (quote == '\0' ? c : '\0', true);
            else if (quote == '\0' && c == '\\' && i + 1 < command.Length && command[i + 1] is '\'' or ' ')
                word.Append(command[++i]);
            else if (quote == '\0' && char.IsWhiteSpace(c))
                End();
            else
                (_, isWord) = (word.Append(c), true);
        }
        End();
        return words;

        void End()
        {
            if (isWord || word.Length > 0)
                words.Add(word.ToString());
            word.Clear();
            isWord = false;
        }
    }
}
