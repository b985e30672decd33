using System.Buffers;
using System.Numerics;
using Oktsec.Scanning.Fields;
using Oktsec.Scanning.Parsers;

namespace Oktsec.Scanning.Scan;

/// <summary>Runs the parsers over the fields whose role asks for it, and the rules' predicates over what they report.</summary>
internal sealed class FactScan : IFactSink
{
    // Command lines, statements and paths are short; what is longer is content, which the views read.
    private const int MaxLength = 64 * 1024;

    // Steps charged per byte: parsing and testing predicates, measured against a byte of an automaton.
    private const int StepsPerByte = 8;

    // A path, address, name or number with a command in it stays short; longer texts are documents.
    private const int MaxValue = 1024;

    // A line and a half of a screen.
    private const int MaxUnnamed = 200;

    private static readonly SearchValues<byte> Operators = SearchValues.Create(";|&`$<>\n\r \\%"u8);

    private readonly ScanSession session;
    private readonly Value value;
    private readonly Fixed operand;
    private readonly ShellCommand shell = new();
    private readonly SqlStatement sql = new();
    private readonly CanonicalPath path = new();
    private readonly CanonicalUrl url = new();
    private FactIndex[] rules = [];
    private ulong[] candidates = [];
    private int offset;

    public FactScan(ScanSession session) => (this.session, value, operand) = (session, new Value(this), new Fixed(this));

    public void Scan(FactIndex[] byLanguage, int index, FieldRoles roles)
    {
        rules = byLanguage;
        var field = session.Buffer[index];
        if (field.IsKey || field.End == field.Start || roles.Has(FieldRoles.Number))
            return;
        offset = field.Start;
        var text = session.Buffer.Text[field.Start..Math.Min(field.End, field.Start + MaxLength)];
        if (roles.Has(FieldRoles.Command) && session.Spend(StepsPerByte * text.Length))
            shell.Parse(text, this);
        else if (IsValue(roles, text) && field.Via != Decoding.Joined && text.ContainsAny(Operators) && Wants(FactLanguage.Injection) && session.Spend(StepsPerByte * text.Length))
            shell.ParseValue(text, value.Of(roles));
        if (roles.Has(FieldRoles.Sql) && Wants(FactLanguage.Sql) && session.Spend(StepsPerByte * text.Length))
            sql.Parse(text, this);
        if (roles.Has(FieldRoles.Path) && Wants(FactLanguage.Path) && session.Spend(StepsPerByte * text.Length))
            path.Parse(text, this, 0, text.Length);
        if (Wants(FactLanguage.Url) && (roles.Has(FieldRoles.Url) || text.IndexOf("://"u8) >= 0) && session.Spend(StepsPerByte * text.Length))
            url.Parse(text, roles.Has(FieldRoles.Url), this);
    }

    public void Item(FactLanguage language, FactList facts, int start, int end)
    {
        // Thousands of commands in one text use the budget up; the scan then says so.
        if (session.IsExhausted)
            return;
        var index = rules[(int)language];
        if (candidates.Length < index.Words)
            candidates = new ulong[index.Words];
        var found = candidates.AsSpan(0, index.Words);
        found.Clear();
        index.Find(facts, found);
        // Filing the facts and looking through the words takes about as long as a dozen comparisons.
        long work = 12 + facts.Count;
        for (var word = 0; word < found.Length; word++)
        {
            for (; found[word] != 0; found[word] &= found[word] - 1)
            {
                var pattern = index.Patterns[64 * word + BitOperations.TrailingZeroCount(found[word])];
                // URLs are found in any text, also in one that only speaks of them: there the rule's list of fields decides.
                if (session.PredicateOf(pattern).Holds(facts, ref work))
                    session.Accept(pattern, offset + start, offset + end, anyField: language != FactLanguage.Url, anyTool: language is FactLanguage.Shell or FactLanguage.Injection);
            }
        }
        session.Spend(work);
        if (language == FactLanguage.Shell)
            Operands(facts, start, end);
    }

    // The files and addresses a command names are paths and URLs of their own.
    private void Operands(FactList facts, int start, int end)
    {
        for (var i = 0; i < facts.Count; i++)
        {
            if (facts.KeyAt(i) is not (FactKey.Arg or FactKey.Write or FactKey.Read))
                continue;
            var word = facts.ValueAt(i);
            if (Wants(FactLanguage.Url) && word.IndexOf("://"u8) >= 0)
            {
                url.Parse(word, isUrl: false, operand.At(start, end));
                continue;
            }
            // -d @/etc/passwd, if=/dev/sda, host:/etc/shadow
            word = word.TrimStart((byte)'@');
            var mark = word.IndexOfAny((byte)'=', (byte)':');
            if (mark > 1 && mark + 1 < word.Length)
                word = word[(mark + 1)..].TrimStart((byte)'@');
            if (Wants(FactLanguage.Path) && word.Length > 1 && (word[0] is (byte)'/' or (byte)'~' or (byte)'.' or (byte)'$' or (byte)'%' || word.ContainsAny((byte)'/', (byte)'\\')))
                path.Parse(word, this, start, end);
        }
    }

    // What no person writes sentences into and nobody runs. A field whose name says nothing may hold a text, but not in one short line.
    private static bool IsValue(FieldRoles roles, ReadOnlySpan<byte> text) =>
        (roles & (FieldRoles.Command | FieldRoles.Code | FieldRoles.Prose | FieldRoles.Sql | FieldRoles.Template)) == 0
        && ((roles & (FieldRoles.Path | FieldRoles.Url | FieldRoles.Identifier)) != 0 ? text.Length <= MaxValue : text.Length <= MaxUnnamed && !text.Contains((byte)'\n'));

    private bool Wants(FactLanguage language) => rules[(int)language].Patterns.Length > 0;

    /// <summary>Adds what the field is for to each command in its value.</summary>
    private sealed class Value(FactScan outer) : IFactSink
    {
        private FieldRoles roles;

        public Value Of(FieldRoles field)
        {
            roles = field;
            return this;
        }

        public void Item(FactLanguage language, FactList facts, int from, int to)
        {
            facts.Add(FactKey.Field, roles.Has(FieldRoles.Url) ? "url"u8 : roles.Has(FieldRoles.Path) ? "path"u8 : roles.Has(FieldRoles.Identifier) ? "name"u8 : "other"u8);
            outer.Item(FactLanguage.Injection, facts, from, to);
        }
    }

    /// <summary>Reports what stands inside a word with the span of the command.</summary>
    private sealed class Fixed(FactScan outer) : IFactSink
    {
        private int start;
        private int end;

        public Fixed At(int from, int to)
        {
            (start, end) = (from, to);
            return this;
        }

        public void Item(FactLanguage language, FactList facts, int from, int to) => outer.Item(language, facts, start, end);
    }
}
