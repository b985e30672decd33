namespace Oktsec.Core.Configuration;

/// <summary>What reading a configuration needs from the machine, handed in so that reading does no I/O.</summary>
public sealed record ConfigEnvironment
{
    /// <summary>The value of an environment variable, or null when it is not set.</summary>
    public required Func<string, string?> Variable { get; init; }

    /// <summary>The text of a <c>${file:PATH}</c> (absolute path), after its permissions were checked.</summary>
    public required Func<string, SecretFile> ReadSecret { get; init; }

    /// <summary>What <c>~</c> stands for; absolute.</summary>
    public required string HomeFolder { get; init; }

    /// <summary>The rules and categories there are, given the absolute <c>custom_rules_dir</c> or empty.</summary>
    public required Func<string, RuleNames> Rules { get; init; }
}

/// <summary>A secret read from a file: its text, or why it could not be read and what to do.</summary>
public readonly record struct SecretFile(string? Text, string Problem = "", string Remedy = "");

/// <summary>The names a configuration may use for rules and categories.</summary>
public sealed record RuleNames
{
    /// <summary>The canonical id of an id or alias, or null.</summary>
    public required Func<string, string?> FindRule { get; init; }

    /// <summary>The canonical category of any accepted spelling, or null.</summary>
    public required Func<string, string?> FindCategory { get; init; }

    /// <summary>For "did you mean".</summary>
    public IReadOnlyCollection<string> RuleIds { get; init; } = [];

    /// <summary>For "did you mean".</summary>
    public IReadOnlyCollection<string> Categories { get; init; } = [];

    /// <summary>What keeps the files of <c>custom_rules_dir</c> from being used.</summary>
    public IReadOnlyList<string> Problems { get; init; } = [];

    /// <summary>What is odd about them.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}
