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
}
