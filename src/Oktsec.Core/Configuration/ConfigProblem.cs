namespace Oktsec.Core.Configuration;

/// <summary>Whether a problem stops the file from being used.</summary>
public enum ProblemKind : byte
{
    /// <summary>The file is used; something in it may not do what it seems to.</summary>
    Warning,

    /// <summary>The file is not used.</summary>
    Error,
}

/// <summary>One thing that is wrong with a configuration file: where, what, and what to write instead.</summary>
/// <remarks>Holds no value of a secret: texts are quoted as written, before <c>${...}</c> is filled in.</remarks>
public sealed record ConfigProblem
{
    public required ProblemKind Kind { get; init; }

    public required string File { get; init; }

    /// <summary>From 1; 0 when the problem is of the file as a whole.</summary>
    public int Line { get; init; }

    /// <summary>From 1; 0 when the problem is of the file as a whole.</summary>
    public int Column { get; init; }

    /// <summary>The key's path, <c>agents.data-analyst.allowed_tools[2]</c>; empty for the file as a whole.</summary>
    public string Path { get; init; } = "";

    public required string Message { get; init; }

    /// <summary>What to write or do; empty when the message says it.</summary>
    public string Remedy { get; init; } = "";

    /// <summary><c>FILE:LINE:COLUMN</c>, which editors and terminals make clickable.</summary>
    public string Place => Line == 0 ? File : $"{File}:{Line}:{Column}";

    /// <summary><c>FILE:LINE:COLUMN: error: PATH: MESSAGE; REMEDY</c></summary>
    public override string ToString()
    {
        var kind = Kind == ProblemKind.Error ? "error" : "warning";
        var path = Path.Length == 0 ? "" : Path + ": ";
        var remedy = Remedy.Length == 0 ? "" : "; " + Remedy;
        return $"{Place}: {kind}: {path}{Message}{remedy}";
    }
}
