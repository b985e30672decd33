namespace Oktsec.Scanning;

/// <summary>What a rule asks for where it matched. Ordered by strength.</summary>
public enum RuleAction : byte
{
    /// <summary>Recorded only.</summary>
    Log,

    /// <summary>Delivered and flagged.</summary>
    Flag,

    /// <summary>The matched bytes are taken out (invisible characters, terminal escapes), the rest delivered, and flagged.</summary>
    Strip,

    /// <summary>The matched bytes become <c>[REDACTED:kind]</c>, the rest delivered, and flagged.</summary>
    Redact,

    /// <summary>Held for a person. On a definition: the tool is hidden.</summary>
    Quarantine,

    /// <summary>Denied. On a definition: the tool is hidden.</summary>
    Block,
}
