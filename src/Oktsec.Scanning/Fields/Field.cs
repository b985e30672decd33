namespace Oktsec.Scanning.Fields;

/// <summary>One scanned text: a value or key of the input, or what decoding made of a part of another field.</summary>
internal struct Field
{
    /// <summary>Where the text stands in the scan's buffer.</summary>
    public int Start;
    public int End;

    /// <summary>Where it comes from: bytes of the input, or of the buffer for a decoded field.</summary>
    public int SourceStart;
    public int SourceEnd;

    /// <summary>The field a decoded one came from; -1 for one of the input.</summary>
    public int Parent;

    public Decoding Via;
    public FieldRoles Roles;
    public bool IsKey;

    /// <summary>The input writes it with backslashes: buffer and input offsets differ.</summary>
    public bool IsEscaped;

    public byte Depth;
}
