using Oktsec.Core.Configuration;

namespace Oktsec.Configuration;

/// <summary>A configuration with everything that can be said about it without starting anything.</summary>
internal sealed record Verification(ConfigLoadResult Loaded, IReadOnlyList<ConfigProblem> Problems)
{
    public OktsecConfig? Config => Loaded.Config;

    public int Errors => Problems.Count(p => p.Kind == ProblemKind.Error);

    public int Warnings => Problems.Count - Errors;

    /// <summary>Reads the file, then looks at what it names on this machine.</summary>
    public static async Task<Verification> RunAsync(string? option, ConfigEnvironment environment, TimeProvider time, CancellationToken cancel)
    {
        var loaded = ConfigFile.FindAndLoad(option, environment);
        if (loaded.Config is null)
            return new Verification(loaded, loaded.Problems);
        var known = KnownTools.Of(loaded.Config);
        IEnumerable<ConfigProblem> all =
        [
            .. loaded.Problems,
            .. StoreProblems(loaded.Config),
            .. TokenProblems(loaded, time),
            .. await BackendReach.CheckAsync(loaded, time, cancel),
            .. Unseen(loaded, known),
            .. loaded.Config.McpServers.Count > 0 ? CatalogValidator.Check(loaded, known.Tools, known.Unseen) : [],
        ];
        return new Verification(loaded, [.. all.OrderBy(p => p.Line).ThenBy(p => p.Column)]);
    }

    // Said once, not once for every entry that cannot be checked.
    private static IEnumerable<ConfigProblem> Unseen(ConfigLoadResult loaded, KnownTools known)
    {
        var config = loaded.Config!;
        if (known.Unseen.Count == 0 || config.Agents.Values.All(a => a.AllowedTools.Count == 0))
            yield break;
        var mark = loaded.Top!.MarkOf("mcp_servers");
        yield return new ConfigProblem
        {
            Kind = ProblemKind.Warning,
            File = config.SourcePath,
            Line = mark.Line,
            Column = mark.Column,
            Path = "mcp_servers",
            Message = $"the tools of {string.Join(", ", known.Unseen)} are not known yet, so the lists of agents are not compared with them",
            Remedy = "start the gateway once, then verify again",
        };
    }

    // Whether agents can prove who they are is known by the store, not by the file.
    private static IEnumerable<ConfigProblem> TokenProblems(ConfigLoadResult loaded, TimeProvider time)
    {
        var config = loaded.Config!;
        if (config.Gateway is { IsLocal: false, AllowUnauthenticated: false } && !KnownTokens.HasActive(config, time))
            yield return Problem(loaded, ProblemKind.Error, "gateway", "bind", "listens beyond this machine while no agent has a token, so the gateway refuses to start", "oktsec tokens create AGENT, or write 127.0.0.1");
        var said = KnownTokens.Said(config, time.GetUtcNow());
        if (said.Count > 0)
            yield return Problem(loaded, ProblemKind.Warning, "agents", "", $"{Names(said)}: only said (X-Oktsec-Agent), not proven; any program on this machine can claim the name", $"oktsec tokens create {said[0]}");
    }

    // Ten names: what fits on a line; the number says the rest.
    private static string Names(IReadOnlyList<string> names) =>
        names.Count <= 10 ? string.Join(", ", names) : $"{string.Join(", ", names.Take(10))} and {names.Count - 10} more";

    private static ConfigProblem Problem(ConfigLoadResult loaded, ProblemKind kind, string section, string key, string message, string remedy)
    {
        var mark = key.Length == 0 ? loaded.Top!.MarkOf(section) : loaded.Top!.Section(section).MarkOf(key);
        return new ConfigProblem
        {
            Kind = kind,
            File = loaded.Config!.SourcePath,
            Line = mark.Line,
            Column = mark.Column,
            Path = key.Length == 0 ? section : $"{section}.{key}",
            Message = message,
            Remedy = remedy,
        };
    }

    private static IEnumerable<ConfigProblem> StoreProblems(OktsecConfig config)
    {
        if (FilePermissions.Check(config.DbPath) is var (problem, remedy))
            yield return new ConfigProblem { Kind = ProblemKind.Error, File = config.SourcePath, Path = "db_path", Message = $"{config.DbPath} {problem}", Remedy = remedy };
    }
}
