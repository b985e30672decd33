namespace Oktsec.Core.Configuration.Schema;

/// <summary>What may be written as a key's value.</summary>
internal enum KeyType : byte
{
    /// <summary>One line of text.</summary>
    Text,

    /// <summary>One of <see cref="ConfigKey.Choices"/>.</summary>
    Choice,

    /// <summary><c>true</c> or <c>false</c>.</summary>
    Flag,

    /// <summary>A whole number.</summary>
    Number,

    /// <summary>A TCP port, or <c>auto</c>.</summary>
    Port,

    /// <summary>Bytes: a whole number, or with <c>KiB</c>, <c>MiB</c>, <c>GiB</c>.</summary>
    Size,

    /// <summary>A plain number in the key's unit, or <c>500ms</c>, <c>30s</c>, <c>5m</c>, <c>1h</c>, <c>7d</c>.</summary>
    Duration,

    /// <summary>A file or folder: relative to the configuration file, <c>~</c> is the home folder.</summary>
    Path,

    /// <summary>An absolute http or https URL.</summary>
    Url,

    /// <summary>A list of texts.</summary>
    Texts,

    /// <summary>Names to texts.</summary>
    TextMap,

    /// <summary>A block of keys.</summary>
    Section,

    /// <summary>Names to blocks of keys.</summary>
    NamedSections,

    /// <summary>A list of blocks of keys.</summary>
    Sections,

    /// <summary>Whatever it holds, it is not looked at.</summary>
    Anything,
}
