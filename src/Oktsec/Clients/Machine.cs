using Oktsec.Configuration;

namespace Oktsec.Clients;

internal enum MachineKind : byte
{
    Linux,
    MacOs,
    Windows,
}

/// <summary>What looking for clients needs to know of a machine. Tests describe machines of every kind; the files are real.</summary>
internal sealed record Machine
{
    public required MachineKind Kind { get; init; }

    /// <summary>Absolute.</summary>
    public required string Home { get; init; }

    /// <summary>Where the user stands: project files are looked for here.</summary>
    public required string CurrentFolder { get; init; }

    public required Func<string, string?> Variable { get; init; }

    /// <summary>How a client starts oktsec: an absolute path, since desktop programs have no PATH of a shell; and what precedes our own arguments.</summary>
    public required IReadOnlyList<string> Program { get; init; }

    /// <summary>This machine.</summary>
    public static Machine Current() => new()
    {
        Kind = OperatingSystem.IsWindows() ? MachineKind.Windows : OperatingSystem.IsMacOS() ? MachineKind.MacOs : MachineKind.Linux,
        Home = MachineEnvironment.HomeFolder,
        CurrentFolder = Environment.CurrentDirectory,
        Variable = Environment.GetEnvironmentVariable,
        Program = ThisProgram(Environment.ProcessPath!, Path.Join(AppContext.BaseDirectory, "oktsec.dll")),
    };

    /// <summary>Our own folder.</summary>
    public string Folder => Path.Join(Home, ".oktsec");

    /// <summary>Our own configuration. Wrapped entries name it, so that a file in a folder that somebody else filled decides nothing.</summary>
    public string ConfigPath => Path.Join(Folder, "config.yaml");

    public string InHome(params ReadOnlySpan<string> parts) => Path.Join(Home, Path.Join(parts));

    public string InProject(params ReadOnlySpan<string> parts) => Path.Join(CurrentFolder, Path.Join(parts));

    /// <summary>Where desktop programs keep their settings: <c>%APPDATA%</c>, <c>Library/Application Support</c>, <c>$XDG_CONFIG_HOME</c> or <c>.config</c>.</summary>
    public string InSettings(params ReadOnlySpan<string> parts) => Path.Join(
        Kind switch
        {
            MachineKind.Windows => FolderOf("APPDATA", InHome("AppData", "Roaming")),
            MachineKind.MacOs => InHome("Library", "Application Support"),
            _ => FolderOf("XDG_CONFIG_HOME", InHome(".config")),
        }, Path.Join(parts));

    /// <summary>Where programs from the Unix world keep theirs, on macOS too.</summary>
    public string InDotConfig(params ReadOnlySpan<string> parts) => Path.Join(FolderOf("XDG_CONFIG_HOME", InHome(".config")), Path.Join(parts));

    /// <summary>A folder that a variable may name.</summary>
    public string FolderOf(string variable, string otherwise) => Variable(variable) is { Length: > 0 } named && Path.IsPathFullyQualified(named) ? named : otherwise;

    /// <summary>Without its own executable (<c>dotnet oktsec.dll</c>) the library stands before our arguments.</summary>
    internal static IReadOnlyList<string> ThisProgram(string process, string library) =>
        Path.GetFileNameWithoutExtension(process).Equals("dotnet", StringComparison.OrdinalIgnoreCase) ? [process, library] : [process];
}
