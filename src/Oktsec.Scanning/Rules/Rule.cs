namespace Oktsec.Scanning.Rules;

/// <summary>One detection rule as its YAML says it.</summary>
public sealed record Rule
{
    public required string Id { get; init; }

    public required string Name { get; init; }

    public required string Category { get; init; }

    public IReadOnlyList<string> Also { get; init; } = [];

    public IReadOnlyList<string> Aliases { get; init; } = [];

    public required Severity Severity { get; init; }

    public string Description { get; init; } = "";

    public string Remediation { get; init; } = "";
}
