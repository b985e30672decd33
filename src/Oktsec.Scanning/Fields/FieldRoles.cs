namespace Oktsec.Scanning.Fields;

/// <summary>What a value is for. A rule about paths reads paths; a sentence that mentions one is prose.</summary>
[Flags]
public enum FieldRoles : ushort
{
    None = 0,
    Path = 1,
    Url = 2,
    Command = 4,
    Sql = 8,
    Code = 16,
    Prose = 32,

    /// <summary>A name or an id: short, no sentence.</summary>
    Identifier = 64,

    /// <summary>A template, query or pattern that some engine evaluates.</summary>
    Template = 128,

    /// <summary>A JSON number.</summary>
    Number = 256,

    /// <summary>In a definition: the tool's or prompt's own name.</summary>
    ToolName = 512,

    /// <summary>In a definition: a description or title.</summary>
    Description = 1024,

    /// <summary>In a definition: the name of a parameter.</summary>
    Parameter = 2048,

    /// <summary>In a definition: a default, constant, example, enumerated value or pattern.</summary>
    Sample = 4096,

    /// <summary>In arguments: neither name nor schema says what it is for.</summary>
    Other = 8192,
}

internal static class FieldRolesAsked
{
    /// <summary>What <see cref="Enum.HasFlag"/> says, which allocates until it is compiled in full.</summary>
    public static bool Has(this FieldRoles roles, FieldRoles one) => (roles & one) != 0;
}
