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

/// <summary>The file and format of a client's hooks.</summary>
/// <param name="File">Where they are configured for the user.</param>
/// <param name="Events">Keys under <c>hooks</c>: before and after a tool runs.</param>
internal sealed record HookPlace(Func<Machine, string> File, IReadOnlyList<string> Events);
