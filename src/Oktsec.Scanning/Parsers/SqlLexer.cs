namespace Oktsec.Scanning.Parsers;

internal enum SqlToken : byte
{
    End,

    /// <summary>A keyword or plain name.</summary>
    Word,

    /// <summary>A quoted name.</summary>
    Name,

    Literal,
    Semicolon,
    Open,
    Close,
    Operator,

    /// <summary>A comment that hides the rest of the line or stands between words.</summary>
    Comment,

    /// <summary>A quote or comment without its end.</summary>
    Broken,
}

/// <summary>
/// Cuts SQL into tokens. Where dialects disagree on what is a string or a comment, an attacker chooses the reading we did not: the caller reads such
/// text both ways.
/// </summary>
/// <param name="text">The SQL.</param>
/// <param name="isMySql">Backslashes escape, <c>#</c> begins a comment, <c>--</c> does so only before a blank, dollars do not quote.</param>
internal ref struct SqlLexer(ReadOnlySpan<byte> text, bool isMySql)
{
    private readonly bool isMySql = isMySql;
    private readonly ReadOnlySpan<byte> text = text;
    private ReadOnlySpan<byte> left;
    private int at;
    private bool afterEquals;
    private bool leftIsLiteral;

    public int Start { get; private set; }

    /// <summary>The token without its quotes.</summary>
    public ReadOnlySpan<byte> Value { get; private set; }

    /// <summary>What stands before the word's last dot: its schema or table.</summary>
    public ReadOnlySpan<byte> Schema { get; private set; }

    /// <summary>A bracket follows the word.</summary>
    public bool IsCall { get; private set; }

    /// <summary>The last tokens were a comparison of two equal literals, or TRUE behind OR.</summary>
    public bool IsTautology { get; private set; }

    public SqlToken Next()
    {
        IsTautology = IsCall = false;
        while (at < text.Length && text[at] <= ' ')
            at++;
        Start = at;
        if (at >= text.Length)
            return SqlToken.End;
        var token = Read();
        Compare(token);
        return token;
    }

    private void Compare(SqlToken token)
    {
        if (token == SqlToken.Word)
            IsTautology = Value.Length == 4 && (Value[0] | 0x20) == 't' && left.Length == 2 && (left[0] | 0x20) == 'o' && (left[1] | 0x20) == 'r' && (Value[1] | 0x20) == 'r' && (Value[2] | 0x20) == 'u';
        if (token == SqlToken.Literal && afterEquals && leftIsLiteral)
            IsTautology = Value.SequenceEqual(left);
        if (token == SqlToken.Operator && Value.SequenceEqual("="u8))
        {
            afterEquals = true;
            return;
        }
        afterEquals = false;
        left = token is SqlToken.Literal or SqlToken.Word ? Value : default;
        leftIsLiteral = token == SqlToken.Literal;
    }

    private SqlToken Read()
    {
        var c = text[at];
        var next = at + 1 < text.Length ? text[at + 1] : (byte)0;
        switch (c)
        {
            case (byte)'\'':
                return Quoted(c, SqlToken.Literal);
            case (byte)'"' or (byte)'`':
                return Quoted(c, SqlToken.Name);
            case (byte)'[':
                return Quoted((byte)']', SqlToken.Name);
            case (byte)'-' when next == '-' && (!isMySql || at + 2 >= text.Length || text[at + 2] <= ' '):
            case (byte)'#' when isMySql:
                var line = text[at..].IndexOf((byte)'\n');
                at = line < 0 ? text.Length : at + line;
                return SqlToken.Comment;
            case (byte)'/' when next == '*':
                return Block();
            case (byte)'*' when next == '/':
                at += 2;
                return SqlToken.Comment;
            case (byte)';':
                at++;
                return SqlToken.Semicolon;
            case (byte)'(':
                at++;
                return SqlToken.Open;
            case (byte)')':
                at++;
                return SqlToken.Close;
            case (byte)'$' when !isMySql && DollarQuote() is > 0 and var end:
                Value = text[at..end];
                at = end;
                return SqlToken.Literal;
            case >= (byte)'0' and <= (byte)'9':
                return Run(SqlToken.Literal);
            default:
                if (IsWord(c))
                    return WordOrCall();
                at++;
                Value = text[Start..at];
                return SqlToken.Operator;
        }
    }

    private static bool IsWord(byte c) => char.IsAsciiLetterOrDigit((char)c) || c is (byte)'_' or (byte)'@' or >= 0x80;

    private SqlToken Run(SqlToken token)
    {
        while (at < text.Length && (IsWord(text[at]) || text[at] == '.'))
            at++;
        Value = text[Start..at];
        return token;
    }

    // schema.name and dbo.xp_cmdshell count by their last part.
    private SqlToken WordOrCall()
    {
        Run(SqlToken.Word);
        var name = Value.TrimEnd((byte)'.');
        var dot = name.LastIndexOf((byte)'.');
        Schema = dot > 0 ? name[..dot].TrimEnd((byte)'.') : default;
        Value = name[(dot + 1)..];
        var behind = at;
        while (behind < text.Length && text[behind] is (byte)' ' or (byte)'\n')
            behind++;
        IsCall = behind < text.Length && text[behind] == '(';
        return SqlToken.Word;
    }

    private SqlToken Quoted(byte quote, SqlToken token)
    {
        var from = ++at;
        while (at < text.Length)
        {
            if (text[at] != quote)
            {
                at += text[at] == '\\' && isMySql && at + 1 < text.Length ? 2 : 1;
                continue;
            }
            if (at + 1 < text.Length && text[at + 1] == quote)
            {
                at += 2;
                continue;
            }
            Value = text[from..at++];
            return token;
        }
        Value = text[from..];
        return SqlToken.Broken;
    }

    private SqlToken Block()
    {
        // /*! DROP TABLE x */ and /*!50000 ... */ run on MySQL and MariaDB.
        if (at + 2 < text.Length && text[at + 2] == '!')
        {
            at += 3;
            while (at < text.Length && char.IsAsciiDigit((char)text[at]))
                at++;
            return SqlToken.Comment;
        }
        var end = text[(at + 2)..].IndexOf("*/"u8);
        at = end < 0 ? text.Length : at + end + 4;
        return end < 0 ? SqlToken.Broken : SqlToken.Comment;
    }

    // $$...$$ and $tag$...$tag$ of PostgreSQL; where it ends, or 0.
    private readonly int DollarQuote()
    {
        var close = text[(at + 1)..].IndexOf((byte)'$');
        if (close < 0)
            return 0;
        var tag = text.Slice(at, close + 2);
        foreach (var c in tag[1..^1])
            if (!IsWord(c))
                return 0;
        var end = text[(at + tag.Length)..].IndexOf(tag);
        return end < 0 ? text.Length : at + tag.Length + end + tag.Length;
    }
}
