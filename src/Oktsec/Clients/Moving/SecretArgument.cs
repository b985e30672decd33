using System.Text.RegularExpressions;

namespace Oktsec.Clients.Moving;

/// <summary>What of a command line is secret. Values of variables and headers need no such question: all of them are kept apart.</summary>
internal static class SecretArgument
{
    // Shorter values are flags and numbers.
    private const int MinLength = 6;

    private static readonly Regex s_name = new(
        "(key|token|secret|passw|pwd|auth|credential|bearer|cookie|header|dsn|connection|webhook)", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);

    // A password in an address; a query, where addresses carry keys; a header; what begins as keys of well-known services do.
    private static readonly Regex s_value = new(
        @"(://[^/\s@]+@|^[a-z]+://[^\s]*\?|^Bearer |^(sk|pk|rk|ghp|gho|ghs|github_pat|glpat|xox[a-z]|AKIA|ASIA|AIza|eyJ|npm|hf|okt)[-_A-Za-z0-9]{8})",
        RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);

    public static bool IsShort(string value) => value.Length < MinLength;

    /// <summary>What is secret of a command line.</summary>
    public static IReadOnlyList<string> Of(IReadOnlyList<string> argv)
    {
        var found = new List<string>();
        for (var i = 1; i < argv.Count; i++)
        {
            Replace(argv[i - 1], argv[i], text =>
            {
                found.Add(text);
                return text;
            });
        }
        return found;
    }

    /// <summary>The argument with what is secret in it replaced.</summary>
    /// <param name="before">What stands before it: an option whose value it may be.</param>
    /// <param name="keep">Takes the secret and gives what stands for it.</param>
    public static string Replace(string before, string argument, Func<string, string> keep)
    {
        var equals = argument.IndexOf('=', StringComparison.Ordinal);
        // --api-key=VALUE, API_KEY=VALUE
        if (equals > 0 && !IsShort(argument[(equals + 1)..]) && !argument[..equals].Contains("://", StringComparison.Ordinal)
            && (s_name.IsMatch(argument[..equals]) || s_value.IsMatch(argument[(equals + 1)..])))
            return argument[..(equals + 1)] + keep(argument[(equals + 1)..]);
        var isValue = before.StartsWith('-') && !before.Contains('=', StringComparison.Ordinal) && !argument.StartsWith('-') && s_name.IsMatch(before);
        var isHeader = argument.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon && !argument.Contains("://", StringComparison.Ordinal) && s_name.IsMatch(argument[..colon]);
        return !IsShort(argument) && (isValue || isHeader || s_value.IsMatch(argument)) ? keep(argument) : argument;
    }
}
