namespace Oktsec.Core.Configuration.Schema;

/// <summary>One key a configuration file may have. The list of them drives reading, the detection of unknown keys, and docs/configuration.md.</summary>
/// <param name="Path">From the top, a segment in capitals standing for a name the user chooses: <c>agents.NAME.allowed_tools</c>, <c>rules[].id</c>.</param>
/// <param name="Type">What may be written.</param>
/// <param name="Doc">One sentence for the table in the docs.</param>
internal sealed record ConfigKey(string Path, KeyType Type, string Doc)
{
    /// <summary>As it would be written; empty when absent means empty, none or off.</summary>
    public string Default { get; init; } = "";

    /// <summary>As it would be written; the docs show it and a test reads it.</summary>
    public string Example { get; init; } = "";

    /// <summary>Unit of a plain number.</summary>
    public TimeSpan Unit { get; init; } = TimeSpan.FromSeconds(1);

    public bool Required { get; init; }

    /// <summary>For numbers and sizes, and in seconds for durations.</summary>
    public long Min { get; init; }

    public long Max { get; init; } = int.MaxValue;

    public IReadOnlyList<string> Choices { get; init; } = [];

    /// <summary>Non-empty: the key is accepted, does nothing, and this is said.</summary>
    public string Notice { get; init; } = "";

    /// <summary>Non-empty: another spelling of this key; the value is read as that one's.</summary>
    public string Canonical { get; init; } = "";

    /// <summary>The last step: <c>allowed_tools</c>.</summary>
    public string Name => Path[(Path.LastIndexOf('.') + 1)..];

    public bool IsSection => Type is KeyType.Section or KeyType.NamedSections or KeyType.Sections;
}
