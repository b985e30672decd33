namespace Oktsec.Clients.Servers;

/// <summary>The command line of <c>oktsec proxy</c> in a client's entry: written by <c>wrap</c>, or by a person.</summary>
internal sealed record ProxyArguments
{
    /// <summary>How oktsec is started: its path, and with <c>dotnet</c> its library.</summary>
    public required IReadOnlyList<string> Program { get; init; }

    public required string Agent { get; init; }

    public bool Enforce { get; init; }

    public bool InspectResponses { get; init; }

    public string? Config { get; init; }

    /// <summary>The wrapped server, or empty for a remote one.</summary>
    public IReadOnlyList<string> Command { get; init; } = [];

    public string? Url { get; init; }

    /// <summary>The variable that holds the address, when it has something secret in it.</summary>
    public string? UrlVariable { get; init; }

    /// <summary>Headers written out by a person; we write none, since everybody on the machine can read a command line.</summary>
    public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];

    /// <summary>Headers and the variables that hold their values.</summary>
    public IReadOnlyList<(string Name, string Variable)> HeaderVariables { get; init; } = [];

    public bool IsRemote => Url is not null || UrlVariable is not null;

    /// <summary>Everything up to the wrapped server, or everything for a remote one.</summary>
    public IReadOnlyList<string> Prefix()
    {
        List<string> all = [.. Program, "proxy", "--agent", Agent];
        if (Enforce)
            all.Add("--enforce");
        if (InspectResponses)
            all.Add("--inspect-responses");
        if (Config is not null)
            all.AddRange(["--config", Config]);
        if (Url is not null)
            all.AddRange(["--url", Url]);
        if (UrlVariable is not null)
            all.AddRange(["--url-env", UrlVariable]);
        foreach (var (name, value) in Headers)
            all.AddRange(["--header", $"{name}: {value}"]);
        foreach (var (name, variable) in HeaderVariables)
            all.AddRange(["--header-env", $"{name}={variable}"]);
        if (!IsRemote)
            all.Add("--");
        return all;
    }

    /// <summary>Reads a command line; null when it does not start our proxy, or in a way that we do not know.</summary>
    public static ProxyArguments? Parse(IReadOnlyList<string> argv)
    {
        var start = ProgramLength(argv);
        if (start == 0 || argv.Count <= start || argv[start] != "proxy")
            return null;
        var parsed = new ProxyArguments { Program = [.. argv.Take(start)], Agent = "" };
        for (var i = start + 1; i < argv.Count; i++)
        {
            if (argv[i] == "--")
                return parsed.Agent.Length > 0 && !parsed.IsRemote && i + 1 < argv.Count ? parsed with { Command = [.. argv.Skip(i + 1)] } : null;
            var (option, value) = Split(argv[i]);
            if (option is not ("--enforce" or "--inspect-responses"))
            {
                value ??= ++i < argv.Count ? argv[i] : null;
                if (value is null)
                    return null;
            }
            if (parsed.With(option, value) is not { } next)
                return null;
            parsed = next;
        }
        return parsed is { Agent.Length: > 0, IsRemote: true } ? parsed : null;
    }

    /// <summary>Whether a command line starts oktsec at all.</summary>
    public static bool IsOurs(IReadOnlyList<string> argv) => ProgramLength(argv) > 0;

    /// <summary>How many words start oktsec; none when they start something else.</summary>
    public static int ProgramLength(IReadOnlyList<string> argv) =>
        argv.Count == 0 ? 0 : IsOktsec(argv[0]) ? 1 : argv.Count > 1 && IsDotnet(argv[0]) && IsOktsec(argv[1]) ? 2 : 0;

    private ProxyArguments? With(string option, string? value) => option switch
    {
        "--agent" => this with { Agent = value! },
        "--enforce" => this with { Enforce = value is not "false" },
        "--inspect-responses" => this with { InspectResponses = value is not "false" },
        "--config" => this with { Config = value },
        "--url" => this with { Url = value },
        "--url-env" => this with { UrlVariable = value },
        "--header" when value!.IndexOf(':') is > 0 and var colon => this with { Headers = [.. Headers, (value[..colon].Trim(), value[(colon + 1)..].Trim())] },
        "--header-env" when value!.IndexOf('=') is > 0 and var equals => this with { HeaderVariables = [.. HeaderVariables, (value[..equals], value[(equals + 1)..])] },
        _ => null,
    };

    private static (string Option, string? Value) Split(string argument) =>
        argument.IndexOf('=') is > 0 and var equals ? (argument[..equals], argument[(equals + 1)..]) : (argument, null);

    // Both separators: a file of a Windows machine is read on Linux in tests, and by people who share a home between the two.
    private static bool IsOktsec(string path) => NameOf(path) is "oktsec" or "oktsec.exe" or "oktsec.dll";

    private static bool IsDotnet(string path) => NameOf(path) is "dotnet" or "dotnet.exe";

    private static string NameOf(string path) => path[(path.LastIndexOfAny(['/', '\\']) + 1)..].ToLowerInvariant();
}
