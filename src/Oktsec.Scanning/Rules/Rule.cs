using Oktsec.Scanning.Fields;

namespace Oktsec.Scanning.Rules;

/// <summary>One detection rule as its YAML says it.</summary>
public sealed record Rule
{
    // Null in a built-in rule: what people read of it is fetched from the rule files when somebody asks.
    private readonly string? description = "";
    private readonly string? remediation = "";
    private readonly IReadOnlyDictionary<string, IReadOnlyList<string>>? references = NoReferences;
    private readonly IReadOnlyList<RuleExample>? truePositives = [];
    private readonly IReadOnlyList<RuleExample>? falsePositives = [];

    private static readonly Dictionary<string, IReadOnlyList<string>> NoReferences = [];

    /// <summary>A built-in rule without what people read of it.</summary>
    internal bool IsBare
    {
        init => (description, remediation, references, truePositives, falsePositives) = (null, null, null, null, null);
    }

    public required string Id { get; init; }

    public required string Name { get; init; }

    public required string Category { get; init; }

    public IReadOnlyList<string> Also { get; init; } = [];

    public IReadOnlyList<string> Aliases { get; init; } = [];

    public required Severity Severity { get; init; }

    public string Description { get => description ?? RulePack.Whole(Id).Description; init => description = value; }

    public string Remediation { get => remediation ?? RulePack.Whole(Id).Remediation; init => remediation = value; }

    /// <summary>Where it applies.</summary>
    public IReadOnlyList<Place> Where { get; init; } = [Place.Arguments, Place.Definition, Place.Result];

    /// <summary>The roles of the fields it reads; none means all.</summary>
    public FieldRoles Fields { get; init; }

    /// <summary>The classes of the tools whose arguments it reads; none means all.</summary>
    public ToolClasses Tools { get; init; }

    /// <summary>What it asks for where it matched; places without an entry go by <see cref="Severity"/>.</summary>
    public ActionByPlace Actions { get; init; } = ActionByPlace.BySeverity;

    public IReadOnlyList<RulePattern> Patterns { get; init; } = [];

    /// <summary>Over the ids of the patterns; empty means any pattern.</summary>
    public string Condition { get; init; } = "";

    /// <summary>All patterns of the condition stand within so many bytes of each other; 0 means anywhere in the field.</summary>
    public int Near { get; init; }

    /// <summary>A match inside one of these, or one that holds one of these, is none.</summary>
    public IReadOnlyList<RulePattern> Excludes { get; init; } = [];

    /// <summary>Names of the validators every match must pass.</summary>
    public IReadOnlyList<string> Validators { get; init; } = [];

    public bool IsSensitive { get; init; }

    /// <summary>What a redaction calls the match; the rule's name when empty.</summary>
    public string RedactAs { get; init; } = "";

    public IReadOnlyDictionary<string, IReadOnlyList<string>> References { get => references ?? RulePack.Whole(Id).References; init => references = value; }

    public IReadOnlyList<RuleExample> TruePositives { get => truePositives ?? RulePack.Whole(Id).TruePositives; init => truePositives = value; }

    public IReadOnlyList<RuleExample> FalsePositives { get => falsePositives ?? RulePack.Whole(Id).FalsePositives; init => falsePositives = value; }

    /// <summary>stable, experimental, shadow (only recorded) or deprecated (does not run).</summary>
    public string Status { get; init; } = "stable";

    /// <summary>The file and line that define it.</summary>
    public string Source { get; init; } = "";

    /// <summary>Comes from a user's file.</summary>
    public bool IsCustom { get; init; }

    /// <summary>What the rule asks for at a place.</summary>
    public RuleAction ActionAt(Place place) =>
        Status == "shadow" ? RuleAction.Log
        : Actions.At(place) ?? Severity switch
        {
            Severity.Critical => RuleAction.Block,
            Severity.High => RuleAction.Quarantine,
            Severity.Medium => RuleAction.Flag,
            _ => RuleAction.Log,
        };
}

/// <summary>One pattern of a rule.</summary>
/// <param name="Id">What the condition calls it; may be empty.</param>
/// <param name="Type">How <paramref name="Value"/> is read.</param>
/// <param name="Value">The expression, text or name.</param>
/// <param name="View">The view it runs on.</param>
public sealed record RulePattern(string Id, PatternType Type, string Value, PatternView View)
{
    /// <summary>Names of the validators this pattern's matches must pass, besides the rule's.</summary>
    public IReadOnlyList<string> Validators { get; init; } = [];
}

public enum PatternType : byte
{
    Regex,

    /// <summary>The text as it stands, in any case.</summary>
    Contains,

    /// <summary>The text between word boundaries, in any case; blanks stand for any white space.</summary>
    Word,

    /// <summary>A check in code, by name: card, iban ...</summary>
    Detect,

    /// <summary>A predicate over each command of a command line: <c>cmd:rm flag:r|R arg:/|~*</c>.</summary>
    Shell,

    /// <summary>A predicate over each SQL statement: <c>verb:delete where:none</c>.</summary>
    Sql,

    /// <summary>A predicate over a canonical path: <c>path:/etc/shadow|~/.ssh/id_*</c>.</summary>
    Path,

    /// <summary>A predicate over each URL: <c>ip:metadata|link-local</c>.</summary>
    Url,

    /// <summary>A predicate over each command in a value that is none: <c>cmd:whoami operator:semicolon field:path</c>.</summary>
    Injection,

    /// <summary>A structural check of a tool's definition, by name.</summary>
    Definition,
}

public enum PatternView : byte
{
    /// <summary>Letters, spaces and invisible characters normalised.</summary>
    Folded,

    /// <summary>The decoded text as it stands.</summary>
    Raw,
}

/// <summary>Text that must, or must not, be found.</summary>
/// <param name="Text">JSON when <paramref name="IsJson"/>, else the text of a field the rule reads.</param>
/// <param name="IsJson">Written as a mapping in YAML: a whole value to scan.</param>
/// <param name="Tool">The tool called, or empty.</param>
/// <param name="Place">Where it is scanned; null means the rule's first place.</param>
public sealed record RuleExample(string Text, bool IsJson = false, string Tool = "", Place? Place = null)
{
    /// <summary>Names of other servers' tools, for examples of definitions.</summary>
    public IReadOnlyList<string> OtherTools { get; init; } = [];
}
