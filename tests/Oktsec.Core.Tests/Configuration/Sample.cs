using Oktsec.Core.Configuration;

namespace Oktsec.Core.Tests.Configuration;

/// <summary>Reads YAML as a machine with known rules, variables and files would.</summary>
internal static class Sample
{
    public const string Folder = "/srv/oktsec";
    public const string File = Folder + "/oktsec.yaml";

    public static readonly RuleNames Rules = new()
    {
        FindRule = id => id == "PROMPT_INJECTION_001" ? "PI-001" : RuleIds.FirstOrDefault(r => r == id),
        FindCategory = name => name.ToLowerInvariant().Replace('_', '-') switch
        {
            "credential-leak" => "credentials",
            var folded => Categories.FirstOrDefault(c => c == folded),
        },
        RuleIds = RuleIds,
        Categories = Categories,
    };

    private static string[] RuleIds => ["PI-001", "PI-003", "IAP-007", "IAP-011"];

    private static string[] Categories => ["credentials", "exfiltration", "command-execution", "prompt-injection", "pii"];

    public static ConfigEnvironment Environment { get; } = new()
    {
        Variable = name => name switch { "DB_PASSWORD" => "s3cr3t", "PORT" => "9191", "EMPTY" => "", "INJECT" => "a: b\n- c", _ => null },
        ReadSecret = path => path switch
        {
            Folder + "/webhook.key" => new SecretFile("key-text"),
            Folder + "/open.key" => new SecretFile(null, "others may write it", "chmod go-w open.key"),
            _ => new SecretFile(null, "does not exist"),
        },
        HomeFolder = "/home/ada",
        Rules = _ => Rules,
    };

    public static ConfigLoadResult Read(string yaml) => ConfigReader.Read(yaml, File, Environment);

    public static IReadOnlyList<ConfigProblem> Errors(string yaml) => [.. Read(yaml).Problems.Where(p => p.Kind == ProblemKind.Error)];

    /// <summary>The configuration of a text that has no errors.</summary>
    public static OktsecConfig Config(string yaml)
    {
        var result = Read(yaml);
        Assert.True(result.Config is not null, string.Join('\n', result.Problems));
        return result.Config;
    }
}
