using Oktsec.Core.Configuration;

namespace Oktsec.Configuration;

/// <summary>This machine, as reading a configuration sees it.</summary>
internal static class MachineEnvironment
{
    // The largest secret in use is a private key with its chain, a few KiB.
    private const int MaxSecretBytes = 64 * 1024;

    public static string HomeFolder =>
        Environment.GetEnvironmentVariable("HOME") is { Length: > 0 } home && Path.IsPathFullyQualified(home)
            ? home
            : Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify);

    /// <param name="rules">The names of rules and categories, given <c>custom_rules_dir</c> or empty.</param>
    public static ConfigEnvironment With(Func<string, RuleNames> rules) => new()
    {
        Variable = Environment.GetEnvironmentVariable,
        ReadSecret = ReadSecret,
        HomeFolder = HomeFolder,
        Rules = rules,
    };

    // The line break that editors and `echo` leave at the end belongs to no secret.
    private static SecretFile ReadSecret(string path)
    {
        var (text, problem, remedy) = SafeText.Read(path, MaxSecretBytes);
        return text is null ? new SecretFile(null, $"the file {path} {problem}", remedy) : new SecretFile(text.TrimEnd('\n', '\r'));
    }
}
