using Oktsec.Core.Configuration;

namespace Oktsec.Configuration;

/// <summary>Finds the configuration file and reads it.</summary>
internal static class ConfigFile
{
    public const string Variable = "OKTSEC_CONFIG";

    /// <summary>The file that counts: <c>--config</c>, <c>$OKTSEC_CONFIG</c>, <c>./oktsec.yaml</c>, <c>~/.oktsec/config.yaml</c>; null when there is none.</summary>
    /// <remarks>A file that is named is returned whether it exists or not: another one must not stand in for it.</remarks>
    public static string? Find(string? option) =>
        Find(option, Environment.GetEnvironmentVariable(Variable), Environment.CurrentDirectory, MachineEnvironment.HomeFolder);

    internal static string? Find(string? option, string? variable, string folder, string home)
    {
        if (!string.IsNullOrEmpty(option))
            return Path.GetFullPath(option, folder);
        if (!string.IsNullOrEmpty(variable))
            return Path.GetFullPath(variable, folder);
        return new[] { Path.Join(folder, "oktsec.yaml"), Path.Join(home, ".oktsec", "config.yaml") }.FirstOrDefault(File.Exists);
    }

    /// <summary>Finds and reads; that there is none is an error too.</summary>
    public static ConfigLoadResult FindAndLoad(string? option, ConfigEnvironment environment) =>
        Find(option) is { } path
            ? Load(path, environment)
            : Refuse("oktsec.yaml", "no configuration found: looked for --config, $OKTSEC_CONFIG, ./oktsec.yaml and ~/.oktsec/config.yaml", "write one; docs/configuration.md begins with the smallest");

    /// <summary>Reads one file (absolute path).</summary>
    public static ConfigLoadResult Load(string path, ConfigEnvironment environment)
    {
        var (text, problem, remedy) = SafeText.Read(path, ConfigReader.MaxBytes);
        return text is null ? Refuse(path, problem, remedy) : ConfigReader.Read(text, path, environment);
    }

    private static ConfigLoadResult Refuse(string path, string message, string remedy) =>
        new(null, [new ConfigProblem { Kind = ProblemKind.Error, File = path, Message = message, Remedy = remedy }]);
}
