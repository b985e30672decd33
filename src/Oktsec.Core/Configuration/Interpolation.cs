using System.Text;
using Oktsec.Core.Configuration.Yaml;

namespace Oktsec.Core.Configuration;

/// <summary>Fills in <c>${NAME}</c> and <c>${file:PATH}</c>. <c>$${</c> stands for <c>${</c> itself.</summary>
/// <remarks>Works on parsed values, never on the text of the file, so that no secret can change what the file says.</remarks>
internal sealed class Interpolation(ConfigEnvironment environment, ConfigPaths paths, ProblemList problems)
{
    private const string FilePrefix = "file:";

    /// <summary>The value filled in. What is missing is reported and left empty.</summary>
    public string Fill(string raw, Mark mark, KeyPath path)
    {
        var start = raw.IndexOf("${", StringComparison.Ordinal);
        if (start < 0)
            return raw;
        var filled = new StringBuilder(raw.Length);
        var done = 0;
        for (; start >= 0; start = raw.IndexOf("${", done, StringComparison.Ordinal))
        {
            if (start > done && raw[start - 1] == '$')
            {
                filled.Append(raw, done, start - done - 1).Append("${");
                done = start + 2;
                continue;
            }
            filled.Append(raw, done, start - done);
            var end = raw.IndexOf('}', start);
            if (end < 0)
            {
                problems.Error(mark, path.ToString(), "${ has no closing }", "write ${NAME} or ${file:PATH}; for the characters themselves write $${");
                return filled.ToString();
            }
            filled.Append(Lookup(raw[(start + 2)..end], mark, path));
            done = end + 1;
        }
        return filled.Append(raw, done, raw.Length - done).ToString();
    }

    private string Lookup(string name, Mark mark, KeyPath path)
    {
        if (name.StartsWith(FilePrefix, StringComparison.Ordinal) && name.Length > FilePrefix.Length)
            return ReadFile(name[FilePrefix.Length..], mark, path);
        if (!IsVariableName(name))
        {
            problems.Error(mark, path.ToString(), $"{Shown.Quote("${" + name + "}")} names no variable", "write ${NAME} or ${file:PATH}; for the characters themselves write $${");
            return "";
        }
        var value = environment.Variable(name);
        // An empty secret would sign nothing and prove nothing, and nobody would notice.
        if (string.IsNullOrEmpty(value))
            problems.Error(mark, path.ToString(), $"the environment variable {name} is {(value is null ? "not set" : "empty")}", $"set {name} before starting oktsec");
        return value ?? "";
    }

    private string ReadFile(string file, Mark mark, KeyPath path)
    {
        if (paths.Resolve(file) is not { } absolute)
        {
            problems.Error(mark, path.ToString(), $"{Shown.Quote(file)} is no path of a file");
            return "";
        }
        var secret = environment.ReadSecret(absolute);
        if (string.IsNullOrEmpty(secret.Text))
            problems.Error(mark, path.ToString(), secret.Problem is null or "" ? $"the file {Shown.Quote(file)} is empty" : secret.Problem, secret.Remedy ?? "");
        return secret.Text ?? "";
    }

    private static bool IsVariableName(string name) =>
        name.Length > 0 && !char.IsAsciiDigit(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');
}
