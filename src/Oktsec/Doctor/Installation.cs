using Oktsec.Configuration;
using Oktsec.Core.Configuration;

namespace Oktsec.Doctor;

/// <summary>The installation that is looked at: the configuration that counts here, or the built-in defaults without one.</summary>
/// <param name="Loaded">What reading the file gave; null when there is none.</param>
/// <param name="Config">Null when the file cannot be used.</param>
internal sealed record Installation(ConfigLoadResult? Loaded, OktsecConfig? Config, TimeProvider Time)
{
    /// <summary>Where records are kept; the standard place when the file cannot be used.</summary>
    public string DbPath => Config?.DbPath ?? StandardDb;

    private static string StandardDb => Path.Join(MachineEnvironment.HomeFolder, ".oktsec", "oktsec.db");

    public static Installation Find(string? option, TimeProvider time)
    {
        if (ConfigFile.Find(option) is not { } path)
            return new Installation(null, new OktsecConfig { DbPath = StandardDb }, time);
        var loaded = ConfigFile.Load(path, MachineEnvironment.With(KnownRules.Of));
        return new Installation(loaded, loaded.Config, time);
    }
}
