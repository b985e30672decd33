namespace Oktsec.Scanning.Parsers;

/// <summary>
/// Reads SQL as tokens, aware of strings, quoted names, dollar quotes and comments, and reports every statement: verb, object, what stands in WHERE,
/// functions, words. No dialect is refused; what cannot be read is said.
/// </summary>
internal sealed class SqlStatement
{
    private static readonly HashSet<string> Verbs =
    [
        "select", "insert", "update", "delete", "drop", "truncate", "alter", "create", "grant", "revoke", "commit", "rollback", "begin", "start", "set", "reset", "copy", "call", "exec", "execute", "do", "merge",
        "replace", "load", "attach", "detach", "pragma", "vacuum", "explain", "with", "use", "show", "describe", "desc", "declare", "rename", "import", "export", "lock", "end", "abort", "savepoint", "prepare", "handler",
        "shutdown", "kill", "backup", "restore", "dbcc", "bulk", "install", "reindex", "analyze", "comment", "security", "values", "table", "flush", "purge", "optimize", "waitfor", "print", "if", "reassign",
    ];

    private static readonly HashSet<string> Objects =
    [
        "table", "database", "schema", "view", "index", "role", "user", "function", "procedure", "trigger", "sequence", "extension", "tablespace", "login", "type", "owned", "server", "policy", "column", "constraint",
        "event", "package", "catalog", "keyspace", "collection", "publication", "subscription", "materialized", "all", "temporary", "temp", "rule", "domain", "language",
    ];

    private static readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> VerbLookup = Verbs.GetAlternateLookup<ReadOnlySpan<char>>();
    private static readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> ObjectLookup = Objects.GetAlternateLookup<ReadOnlySpan<char>>();

    private readonly FactList facts = new();
    private readonly byte[] verb = new byte[16];
    private readonly byte[] previous = new byte[64];
    private int previousLength;
    private int verbLength;
    private int statement;
    private int words;
    private int depth;
    private bool hasWhere;
    private bool isTautology;
    private bool wantsName;
    private bool wantsVerb;

    public void Parse(ReadOnlySpan<byte> text, IFactSink sink)
    {
        Parse(text, sink, isMySql: false);
        if (text.IndexOfAny((byte)'\\', (byte)'#', (byte)'$') >= 0 || text.IndexOf("--"u8) >= 0)
            Parse(text, sink, isMySql: true);
    }

    private void Parse(ReadOnlySpan<byte> text, IFactSink sink, bool isMySql)
    {
        (statement, verbLength) = (0, 0);
        Begin();
        var start = 0;
        var lexer = new SqlLexer(text, isMySql);
        SqlToken token;
        while ((token = lexer.Next()) != SqlToken.End)
        {
            if (words == 0 && facts.Count == 0)
                start = lexer.Start;
            switch (token)
            {
                case SqlToken.Word:
                    Word(lexer.Value, lexer.IsCall);
                    if (!lexer.Schema.IsEmpty)
                        facts.Add(FactKey.Schema, lexer.Schema);
                    break;
                case SqlToken.Name:
                    Name(lexer.Value);
                    previousLength = 0;
                    break;
                case SqlToken.Broken:
                    facts.Add(FactKey.Trick, "unclosed"u8);
                    break;
                case SqlToken.Comment:
                    facts.Add(FactKey.Trick, "comment"u8);
                    break;
                case SqlToken.Open:
                    depth++;
                    break;
                case SqlToken.Close:
                    depth--;
                    break;
                case SqlToken.Semicolon:
                    Finish(sink, start, lexer.Start);
                    statement++;
                    Begin();
                    break;
                default:
                    previousLength = 0;
                    break;
            }
            isTautology |= hasWhere && lexer.IsTautology;
        }
        Finish(sink, start, text.Length);
    }

    private void Begin()
    {
        facts.Clear();
        (words, depth, previousLength) = (0, 0, 0);
        hasWhere = isTautology = wantsName = false;
        wantsVerb = true;
        // Before anything of the new statement: the verb of the one it follows.
        if (statement > 0 && verbLength > 0)
            facts.Add(FactKey.After, verb.AsSpan(0, verbLength));
        verbLength = 0;
    }

    private void Finish(IFactSink sink, int start, int end)
    {
        if (words == 0 || verbLength == 0)
            return;
        facts.Add(FactKey.Where, !hasWhere ? "none"u8 : isTautology ? "tautology"u8 : "some"u8);
        sink.Item(FactLanguage.Sql, facts, start, end);
    }

    private void Word(ReadOnlySpan<byte> value, bool isCall)
    {
        words++;
        Span<char> text = stackalloc char[32];
        var length = Math.Min(value.Length, text.Length);
        for (var i = 0; i < length; i++)
            text[i] = (char)(value[i] is >= (byte)'A' and <= (byte)'Z' ? value[i] | 0x20 : value[i]);
        ReadOnlySpan<char> word = text[..length];
        if (wantsVerb && (depth == 0 || words == 1) && VerbLookup.Contains(word))
        {
            // WITH x AS (...) DELETE, EXPLAIN ANALYZE DELETE: the statement's verb comes later.
            wantsVerb = word is "with" or "explain" or "analyze" or "prepare" or "if" or "begin";
            verbLength = Math.Min(value.Length, verb.Length);
            value[..verbLength].CopyTo(verb);
            facts.Add(FactKey.Verb, value);
        }
        else if (depth > 0 && word is "delete" or "update" or "insert")
        {
            // PostgreSQL's WITH gone AS (DELETE ...) changes data from inside a SELECT.
            facts.Add(FactKey.Verb, value);
        }
        else if (ObjectLookup.Contains(word) && words <= 5)
        {
            facts.Add(FactKey.Object, value);
            wantsName = true;
        }
        else if (wantsName && word is not ("if" or "exists" or "not" or "only" or "concurrently"))
        {
            facts.Add(FactKey.Name, value);
            wantsName = false;
        }
        hasWhere |= word is "where" or "limit" or "using" && verbLength > 0;
        if (isCall)
            facts.Add(FactKey.Func, value);
        facts.Add(FactKey.Word, value);
        AddPair(value);
    }

    private void Name(ReadOnlySpan<byte> value)
    {
        words++;
        if (!wantsName)
            return;
        facts.Add(FactKey.Name, value);
        wantsName = false;
    }

    private void AddPair(ReadOnlySpan<byte> value)
    {
        Span<byte> pair = stackalloc byte[130];
        var length = Math.Min(value.Length, previous.Length);
        if (previousLength > 0)
        {
            previous.AsSpan(0, previousLength).CopyTo(pair);
            pair[previousLength] = (byte)'_';
            value[..length].CopyTo(pair[(previousLength + 1)..]);
            facts.Add(FactKey.Pair, pair[..(previousLength + 1 + length)]);
        }
        value[..length].CopyTo(previous);
        previousLength = length;
    }
}
