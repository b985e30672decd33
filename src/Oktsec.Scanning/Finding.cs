namespace Oktsec.Scanning;

/// <summary>A match in context: which rule, where, and how it was reached.</summary>
public sealed record Finding
{
    /// <summary>Canonical rule id, e.g. <c>PI-001</c>.</summary>
    public required string RuleId { get; init; }

    /// <summary>The rule's short machine name, e.g. <c>prompt_injection</c>.</summary>
    public required string RuleName { get; init; }

    /// <summary>Canonical category (see <see cref="Categories"/>) and the further ones the rule belongs to.</summary>
    public required string Category { get; init; }

    public IReadOnlyList<string> AlsoCategories { get; init; } = [];

    public required Severity Severity { get; init; }

    /// <summary>What the rule asks for at this place, before the operator's overrides.</summary>
    public required RuleAction Action { get; init; }

    /// <summary>Where: a JSON path of the scanned value, e.g. <c>$.path</c>, <c>$.items[2].text</c>; a key's own path ends in <c>~</c>.</summary>
    public required string Field { get; init; }

    /// <summary>Offset in bytes of the span in the scanned input; for decoded content the encoded run that held it.</summary>
    public required int Start { get; init; }

    /// <summary>Length of the span in bytes. The span never cuts a JSON escape or a UTF-8 sequence in two.</summary>
    public required int Length { get; init; }

    /// <summary>How the text was reached, outermost first, e.g. <c>base64&gt;url</c>; empty for the text as it stands.</summary>
    public string Via { get; init; } = "";

    /// <summary>The matched text, at most 80 characters, masked when the rule is sensitive. Safe to log and to show.</summary>
    public string Match { get; init; } = "";

    /// <summary>The span holds a secret or personal data: it is masked wherever it is shown.</summary>
    public bool IsSensitive { get; init; }

    /// <summary>What a redaction calls it: <c>aws-access-key</c> in <c>[REDACTED:aws-access-key]</c>.</summary>
    public string RedactAs { get; init; } = "";
}
