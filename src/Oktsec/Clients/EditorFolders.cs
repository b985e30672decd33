namespace Oktsec.Clients;

/// <summary>Where VS Code and the editors made from it keep their users' files.</summary>
internal static class EditorFolders
{
    private static readonly string[] s_vsCode = ["Code", "Code - Insiders", "VSCodium"];
    private static readonly string[] s_all = [.. s_vsCode, "Cursor", "Windsurf"];

    /// <summary>The file in every folder of VS Code, its profiles and its remote servers included.</summary>
    public static IEnumerable<string> OfVsCode(Machine machine, string file) =>
        UserFolders(machine, s_vsCode).SelectMany(WithProfiles).Select(folder => Path.Join(folder, file));

    /// <summary>A file that an extension keeps, in every editor that it can be installed in.</summary>
    public static IEnumerable<string> OfExtension(Machine machine, string extension, string file) =>
        UserFolders(machine, s_all).Select(folder => Path.Join(folder, "globalStorage", extension, "settings", file));

    private static IEnumerable<string> UserFolders(Machine machine, string[] editors) =>
        editors.Select(e => machine.InSettings(e, "User")).Append(machine.InHome(".vscode-server", "data", "User"));

    private static IEnumerable<string> WithProfiles(string folder)
    {
        var profiles = Path.Join(folder, "profiles");
        return Directory.Exists(profiles) ? Directory.EnumerateDirectories(profiles).Order(StringComparer.Ordinal).Prepend(folder) : [folder];
    }
}
