using Oktsec.Core.Configuration.Yaml;

namespace Oktsec.Core.Configuration.Schema;

/// <summary>A value that was read, and where it stands.</summary>
internal sealed class ConfigValue
{
    public required Mark Mark { get; init; }

    public required KeyPath Path { get; init; }

    /// <summary>The text, filled in; for a <see cref="KeyType.TextMap"/>'s entry its value, for a section's its name.</summary>
    public string Text { get; init; } = "";

    /// <summary>The text as written: what a problem may show.</summary>
    public string Raw { get; init; } = "";

    /// <summary>The name of an entry of a map or of a named section.</summary>
    public string Name { get; init; } = "";

    public long Number { get; set; }

    public TimeSpan Duration { get; set; }

    public bool Flag { get; set; }

    /// <summary>Of lists, maps and sections; empty otherwise.</summary>
    public IReadOnlyList<ConfigValue> Items { get; init; } = [];

    /// <summary>The keys, when this is a block of them.</summary>
    public ConfigSection? Section { get; init; }
}
