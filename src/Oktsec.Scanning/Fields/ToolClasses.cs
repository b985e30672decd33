namespace Oktsec.Scanning.Fields;

/// <summary>What a tool does, from its name's words.</summary>
[Flags]
public enum ToolClasses : ushort
{
    None = 0,
    Exec = 1,
    Sql = 2,
    FsRead = 4,
    FsWrite = 8,
    Http = 16,
    Message = 32,

    /// <summary>Stores or shows text people wrote: issues, comments, notes, documents.</summary>
    Content = 64,

    /// <summary>Looks something up. Together with <see cref="Http"/> it searches the web.</summary>
    Search = 128,
}

internal static class ToolClassesAsked
{
    /// <summary>What <see cref="Enum.HasFlag"/> says, which allocates until it is compiled in full.</summary>
    public static bool Has(this ToolClasses classes, ToolClasses one) => (classes & one) != 0;
}
