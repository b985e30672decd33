namespace Oktsec.Clients.Documents;

/// <summary>Reads keys, values and line ends of TOML.</summary>
internal sealed class TomlValueReader(string text)
{
    /// <summary>The next character to read.</summary>
    public int At { get; set; }

    public char Peek() => At < text.Length ? text[At] : '\0';

    /// <summary>Goes to the next line that says something; false at the end.</summary>
    public bool SkipToLine()
    {
        SkipBlankLines();
        return At < text.Length;
    }

    /// <summary>After a pair or a header only a comment may follow on the line.</summary>
    public void EndLine()
    {
        SkipSpaces();
        if (Peek() == '#')
            SkipComment();
        if (Peek() == '\r')
            At++;
        if (At < text.Length && text[At] != '\n')
            throw new DocumentException(At, "the line should end here");
    }

    public List<(string Key, int Start)> ReadKeys()
    {
        var keys = new List<(string, int)>();
        do
        {
            if (keys.Count > 0)
                At++;
            if (keys.Count == DocumentFormat.MaxDepth)
                throw new DocumentException(At, $"more than {DocumentFormat.MaxDepth} levels deep");
            SkipSpaces();
            keys.Add((ReadKey(out var start), start));
            SkipSpaces();
        }
        while (Peek() == '.');
        return keys;
    }

    public void Expect(string token)
    {
        SkipSpaces();
        if (!text.AsSpan(At).StartsWith(token))
            throw new DocumentException(At, $"{token} is missing here");
        At += token.Length;
    }

    public Node ReadValue(int depth)
    {
        if (depth >= DocumentFormat.MaxDepth)
            throw new DocumentException(At, $"more than {DocumentFormat.MaxDepth} levels deep");
        SkipSpaces();
        var start = At;
        switch (Peek())
        {
            case '"' or '\'':
                var value = TomlText.Read(text, At, out var end);
                At = end;
                return new TextNode(start, end, value);
            case '[':
                return ReadList(depth);
            case '{':
                return ReadInlineTable(depth);
            default:
                return ReadWord();
        }
    }

    private ListNode ReadList(int depth)
    {
        var start = At++;
        var items = new List<Node>();
        for (SkipBlankLines(); Peek() != ']'; SkipBlankLines())
        {
            items.Add(ReadValue(depth + 1));
            SkipBlankLines();
            if (Peek() != ',')
                break;
            At++;
        }
        Expect("]");
        return new ListNode(start, At, items);
    }

    private MapNode ReadInlineTable(int depth)
    {
        var start = At++;
        var table = new TomlTableBuilder([], isInline: true);
        // TOML 1.1 lets inline tables span lines.
        for (SkipBlankLines(); Peek() != '}'; SkipBlankLines())
        {
            var pair = At;
            var keys = ReadKeys();
            Expect("=");
            TomlReader.AddPair(table, keys, ReadValue(depth + keys.Count), pair, isInline: true);
            SkipBlankLines();
            if (Peek() != ',')
                break;
            At++;
        }
        Expect("}");
        table.Cover(start, At);
        return table.Build();
    }

    private WordNode ReadWord()
    {
        var start = At;
        while (IsOfWord(Peek()))
            At++;
        // A space may stand between date and time.
        if (At - start == 10 && text[start + 4] == '-' && Peek() == ' ' && At + 1 < text.Length && char.IsAsciiDigit(text[At + 1]))
        {
            At++;
            while (IsOfWord(Peek()))
                At++;
        }
        var word = text[start..At];
        var isWord = word is "true" or "false" || (word.Length > 0 && (char.IsAsciiDigit(word[0]) || word.TrimStart('+', '-') is "inf" or "nan" || (word.Length > 1 && word[0] is '+' or '-' && char.IsAsciiDigit(word[1]))));
        return isWord ? new WordNode(start, At, word) : throw new DocumentException(start, "a value is missing here; texts stand in quotes");
    }

    private string ReadKey(out int start)
    {
        start = At;
        if (Peek() is '"' or '\'')
        {
            if (text.AsSpan(At).StartsWith("\"\"\"") || text.AsSpan(At).StartsWith("'''"))
                throw new DocumentException(At, "a key has one line");
            var key = TomlText.Read(text, At, out var end);
            At = end;
            return key;
        }
        while (TomlText.IsBare(Peek()))
            At++;
        return At > start ? text[start..At] : throw new DocumentException(At, "a key is missing here");
    }

    private void SkipSpaces()
    {
        while (Peek() is ' ' or '\t')
            At++;
    }

    private void SkipBlankLines()
    {
        while (At < text.Length)
        {
            if (text[At] is ' ' or '\t' or '\n' || (text[At] == '\r' && At + 1 < text.Length && text[At + 1] == '\n'))
                At++;
            else if (text[At] == '#')
                SkipComment();
            else
                return;
        }
    }

    private void SkipComment()
    {
        while (At < text.Length && text[At] is not '\n')
            At++;
    }

    private static bool IsOfWord(char c) => char.IsAsciiLetterOrDigit(c) || c is '+' or '-' or '_' or '.' or ':';
}
