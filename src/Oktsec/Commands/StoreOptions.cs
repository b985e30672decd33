using System.CommandLine;
using Microsoft.Extensions.Logging.Abstractions;
using Oktsec.Configuration;
using Oktsec.Core.Configuration;
using Oktsec.Storage;
using Oktsec.Storage.Sqlite;

namespace Oktsec.Commands;

/// <summary><c>--db</c> and <c>--config</c>: how a command that reads the store finds it.</summary>
internal sealed class StoreOptions
{
    private static readonly RuleNames s_anyRule = new() { FindRule = id => id, FindCategory = category => category };

    public Option<string?> Db { get; } = new("--db") { Description = "The store's file; default db_path of the configuration, else ~/.oktsec/oktsec.db" };

    public Option<string?> Config { get; } = new("--config") { Description = "Configuration file; default $OKTSEC_CONFIG, ./oktsec.yaml, ~/.oktsec/config.yaml" };

    public void AddTo(Command command)
    {
        command.Add(Db);
        command.Add(Config);
    }

    /// <summary>Opens the store, or says why not: the exit code is then set.</summary>
    /// <param name="mayCreate">Whether there need not be one yet.</param>
    public SqliteStore? Open(ParseResult parsed, TimeProvider time, out int exitCode, bool mayCreate = false)
    {
        var error = parsed.InvocationConfiguration.Error;
        exitCode = ExitCodes.Usage;
        if (Find(parsed.GetValue(Db), parsed.GetValue(Config), error) is not { } path)
            return null;
        exitCode = ExitCodes.Failure;
        if (!File.Exists(path) && !mayCreate)
        {
            error.WriteLine($"oktsec: there is no store at {path} yet; the first call through oktsec creates it. Is it elsewhere? Name it with --db, or its configuration with --config.");
            return null;
        }
        try
        {
            return SqliteStore.Open(path, fullDurability: false, time, NullLogger.Instance);
        }
        catch (StoreException e)
        {
            error.WriteLine($"oktsec: {e.Message}");
            return null;
        }
    }

    /// <summary>The agents of the configuration that counts; null without one, or when it names none.</summary>
    public IReadOnlyCollection<string>? Agents(ParseResult parsed) =>
        ConfigFile.Find(parsed.GetValue(Config)) is { } file && ConfigFile.Load(file, MachineEnvironment.With(_ => s_anyRule)).Config is { Agents.Count: > 0 } config
            ? [.. config.Agents.Keys]
            : null;

    private static string? Find(string? db, string? config, TextWriter error)
    {
        if (!string.IsNullOrEmpty(db))
            return Path.GetFullPath(db);
        var standard = Path.Join(MachineEnvironment.HomeFolder, ".oktsec", "oktsec.db");
        if (ConfigFile.Find(config) is not { } file)
            return standard;
        var loaded = ConfigFile.Load(file, MachineEnvironment.With(_ => s_anyRule));
        if (loaded.Config is { } valid)
            return valid.DbPath;
        // A variable that only the gateway has (a webhook's address) must not hide the log: db_path alone has to be right.
        if (loaded.Top is { } top && !loaded.Problems.Any(p => p.Kind == ProblemKind.Error && p.Path is "db_path"))
            return top.Has("db_path") ? top.Text("db_path") : standard;
        foreach (var problem in loaded.Problems)
            error.WriteLine(problem.ToString());
        return null;
    }
}
