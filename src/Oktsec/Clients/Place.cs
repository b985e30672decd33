namespace Oktsec.Clients;

/// <summary>Files of one kind that a client reads, and where in them its servers are.</summary>
/// <param name="Files">Their paths on a machine, whether they exist or not.</param>
/// <param name="IsProject">They belong to the folder the user stands in, not to the user.</param>
internal sealed record Place(Func<Machine, IEnumerable<string>> Files, bool IsProject)
{
    /// <summary>Paths of the lists: maps by name, or lists of entries that have a <c>name</c>. <c>*</c> stands for every key; the empty path for the whole file.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Lists { get; init; } = [["mcpServers"]];

    public EntryShape Shape { get; init; } = EntryShape.Standard;

    public static Place User(Func<Machine, IEnumerable<string>> files) => new(files, IsProject: false);

    public static Place Project(Func<Machine, IEnumerable<string>> files) => new(files, IsProject: true);
}

/// <summary>The file and format of a client's hooks: JSON, lists by event under <c>hooks</c>.</summary>
/// <param name="File">Where they are configured for the user.</param>
/// <param name="Agent">The name that policies and records use for what the client does with its own tools.</param>
/// <param name="Events">Keys under <c>hooks</c>: before and after a tool runs.</param>
internal sealed record HookPlace(Func<Machine, string> File, string Agent, IReadOnlyList<string> Events)
{
    /// <summary>What stands for every tool; null where an entry is the command itself, for every tool of its event.</summary>
    public string? EveryTool { get; init; } = "*";

    /// <summary>What <c>version</c> says in a file of its own; null where it has none.</summary>
    public string? Version { get; init; }

    /// <summary>What the user has still to do before the client runs it; null when nothing.</summary>
    public string? Remaining { get; init; }

    public Place Place => Place.User(m => [File(m)]) with { Lists = [] };
}
