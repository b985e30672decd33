namespace Oktsec.Scanning.Parsers;

/// <summary>The operator before a command and how it stands there.</summary>
internal ref struct ShellOperator(ReadOnlySpan<byte> text)
{
    private readonly ReadOnlySpan<byte> text = text;
    private int start = -1;
    private int end;

    public void Take(int from, int to) => (start, end) = (from, to);

    /// <summary>A bracket that begins a group.</summary>
    public readonly bool IsOpening => start >= 0 && start < text.Length && text[start] is (byte)'(' or (byte)'{';

    public readonly bool IsClosing => start >= 0 && start < text.Length && text[start] is (byte)')' or (byte)'}';

    /// <summary>Reports its name; <c>first</c> when nothing stands before it, <c>spaced</c> when a blank stands beside it.</summary>
    public readonly void AddTo(FactList facts, bool isInside)
    {
        if (start < 0)
        {
            facts.Add(FactKey.Operator, isInside ? "substitution"u8 : "none"u8);
            return;
        }
        facts.Add(FactKey.Operator, Name());
        if (start < text.Length && text[start] is (byte)'(' or (byte)')' or (byte)'{' or (byte)'}')
            return;
        if (text[..start].Trim(" \t\r\n'\";|&*"u8).IsEmpty)
            facts.Add(FactKey.Operator, "first"u8);
        if ((start > 0 && text[start - 1] == ' ') || (end < text.Length && text[end] == ' '))
            facts.Add(FactKey.Operator, "spaced"u8);
    }

    private readonly ReadOnlySpan<byte> Name() => (start < text.Length ? text[start] : 0) switch
    {
        '\n' or '\\' or '%' => "newline"u8,
        ';' => "semicolon"u8,
        '|' => end - start > 1 ? "or"u8 : "pipe"u8,
        '&' => end - start > 1 ? "and"u8 : "background"u8,
        _ => "bracket"u8,
    };
}
