namespace Oktsec.Scanning.Parsers;

/// <summary>
/// Reads a command line as a POSIX shell would and reports every simple command: name, flags, operands, redirections, what is piped into it. Wrappers
/// (sudo, env, xargs ...) are looked through, <c>sh -c '...'</c>, <c>eval</c> and substitutions are read as commands of their own. Text that
/// looks like PowerShell or cmd is read a second time with their quoting.
/// </summary>
internal sealed class ShellCommand
{
    // bash -c "bash -c '...'" and substitutions inside substitutions; deeper is reported as opaque.
    private const int MaxDepth = 6;

    private const int MaxPipeline = 32;

    // Made when first needed: most commands have none inside.
    private readonly Level?[] levels = new Level?[MaxDepth + 1];

    /// <summary>Buffers of one depth: a command inside a command needs its own.</summary>
    private sealed class Level
    {
        public readonly FactList Facts = new();
        public readonly List<Range> Inner = [];
        public readonly byte[] Pipeline = new byte[MaxPipeline * 16];
        public byte[] Text = [];
        public byte[] Word = new byte[1024];
        public byte[] Command = new byte[256];
        public int CommandLength;
        public bool InGroup;
        public int PipelineCount;
        public int Words;
        public int Skip;
        public bool Wrapped;
        public int Operands;
        public bool IsPowerShell;
        public bool IsInline;
        public bool AfterShell;
        public bool TakesScript;
        public bool TakesCommand;
        public int Start;
    }

    public void Parse(ReadOnlySpan<byte> text, IFactSink sink)
    {
        Parse(text, sink, new Origin(0, 0, text.Length, default, default, ShellStyle.Posix));
        if (ShellPrograms.LooksLikeWindows(text))
            Parse(text, sink, new Origin(0, 0, text.Length, default, default, ShellStyle.Windows));
    }

    /// <summary>Commands in a value that a program may put into a command line, with the operator before each.</summary>
    public void ParseValue(ReadOnlySpan<byte> text, IFactSink sink) => Parse(text, sink, new Origin(0, 0, text.Length, default, default, ShellStyle.Value));

    /// <param name="Depth">How many commands stand around it.</param>
    /// <param name="Start">Where the text stands in what was given; inner texts carry the span of the command they stand in.</param>
    /// <param name="End">Behind it.</param>
    /// <param name="Inside">What it is inside of, or empty.</param>
    /// <param name="Feeds">Who runs its output, or empty.</param>
    /// <param name="Style">Whose quoting.</param>
    private readonly ref struct Origin(int depth, int start, int end, ReadOnlySpan<byte> inside, ReadOnlySpan<byte> feeds, ShellStyle style)
    {
        public readonly int Depth = depth;
        public readonly int Start = start;
        public readonly int End = end;
        public readonly ReadOnlySpan<byte> Inside = inside;
        public readonly ReadOnlySpan<byte> Feeds = feeds;
        public readonly ShellStyle Style = style;
    }

    private void Parse(ReadOnlySpan<byte> text, IFactSink sink, Origin origin)
    {
        var level = levels[origin.Depth] ??= new Level();
        if (level.Word.Length < text.Length + 16)
            level.Word = new byte[text.Length + 16];
        var exact = origin.Depth == 0;
        level.InGroup = false;
        level.CommandLength = level.PipelineCount = 0;
        Begin(level, keepPipeline: false);
        var lexer = new ShellLexer(text, origin.Style);
        var target = ShellToken.Break;
        var sign = new ShellOperator(text);
        for (; ; )
        {
            var token = lexer.Next(level.Word, out var length, level.Inner);
            var word = level.Word.AsSpan(0, length);
            var (from, to) = exact ? (lexer.Start, lexer.End) : (origin.Start, origin.End);
            if (token == ShellToken.Word)
            {
                if (level.Words == 0 && level.Facts.Count == 0)
                    level.Start = lexer.Start;
                var takesScript = false;
                if (target is ShellToken.Write or ShellToken.Read)
                    level.Facts.Add(target == ShellToken.Write ? FactKey.Write : FactKey.Read, word);
                else if (length > 0)
                    takesScript = TakeWord(level, word, lexer);
                target = ShellToken.Break;
                var feeds = Feeds(level, word, origin.Style);
                for (var i = 0; i < level.Inner.Count; i++)
                    Inside(text[level.Inner[i]], sink, origin, new Origin(origin.Depth + 1, from, to, "substitution"u8, i == 0 ? feeds : default, origin.Style));
                if (takesScript)
                    Inside(word, sink, origin, new Origin(origin.Depth + 1, from, to, "script"u8, default, level.IsPowerShell ? ShellStyle.Windows : ScriptStyle(origin.Style)));
                continue;
            }
            if (token is ShellToken.Write or ShellToken.Read)
            {
                target = token;
                continue;
            }
            if (level.Facts.Count > 0)
            {
                Finish(level, origin, sign);
                sink.Item(FactLanguage.Shell, level.Facts, exact ? level.Start : origin.Start, exact ? lexer.Start : origin.End);
            }
            level.InGroup &= !sign.IsClosing || token == ShellToken.Pipe;
            sign.Take(lexer.Start, lexer.End);
            // Of (a; b) | c every command feeds c.
            level.InGroup |= sign.IsOpening;
            Begin(level, keepPipeline: token == ShellToken.Pipe || level.InGroup);
            level.InGroup &= token != ShellToken.Pipe && token != ShellToken.End;
            if (token == ShellToken.End)
                return;
        }
    }

    // A quoted script in a value has lost its quotes; what it holds is a shell's.
    private static ShellStyle ScriptStyle(ShellStyle style) => style == ShellStyle.Value ? ShellStyle.Posix : style;

    private void Inside(ReadOnlySpan<byte> text, IFactSink sink, in Origin outer, Origin inner)
    {
        if (outer.Depth + 1 >= levels.Length)
            return;
        var level = levels[inner.Depth] ??= new Level();
        if (level.Text.Length < text.Length)
            level.Text = new byte[2 * text.Length];
        text.CopyTo(level.Text);
        Parse(level.Text.AsSpan(0, text.Length), sink, inner);
    }

    // $(...) in the place of a command, or as the text that eval, source and sh -c are given, is run.
    private static ReadOnlySpan<byte> Feeds(Level level, ReadOnlySpan<byte> word, ShellStyle style)
    {
        if (level.Inner.Count == 0 || word.IsEmpty || word[0] != '$')
            return default;
        ReadOnlySpan<byte> name = level.Command.AsSpan(0, level.CommandLength);
        // A bracket of PowerShell groups; it runs nothing.
        if (style == ShellStyle.Posix && level.Operands == 0 && level.Words == 1 && !name.IsEmpty && name[0] == '$')
            return "command"u8;
        return ShellPrograms.IsEval(name) || ShellPrograms.IsInterpreter(name) ? name : default;
    }

    private static void Finish(Level level, in Origin origin, in ShellOperator sign)
    {
        ReadOnlySpan<byte> name = level.Command.AsSpan(0, level.CommandLength);
        if (!level.IsInline && level.Operands == 0 && ShellPrograms.IsInterpreter(name))
            level.Facts.Add(FactKey.Runs, "stdin"u8);
        if (level.Words == 0 && level.Wrapped)
            level.Facts.Add(FactKey.Runs, "shell"u8); // sudo -i, su -l
        if (!origin.Inside.IsEmpty)
            level.Facts.Add(FactKey.Inside, origin.Inside);
        if (!origin.Feeds.IsEmpty)
            level.Facts.Add(FactKey.Feeds, origin.Feeds);
        if (origin.Style == ShellStyle.Value)
            sign.AddTo(level.Facts, isInside: origin.Depth > 0);
        for (var i = 0; i < level.PipelineCount && !level.InGroup; i++)
            level.Facts.Add(FactKey.PipeFrom, level.Pipeline.AsSpan(16 * i, 16).TrimEnd((byte)0));
    }

    // A finished command's name joins the pipeline the next one reads from.
    private static void Begin(Level level, bool keepPipeline)
    {
        if (!keepPipeline)
            level.PipelineCount = 0;
        else if (level.PipelineCount < MaxPipeline && level.CommandLength > 0)
        {
            var slot = level.Pipeline.AsSpan(16 * level.PipelineCount++, 16);
            slot.Clear();
            level.Command.AsSpan(0, Math.Min(16, level.CommandLength)).CopyTo(slot);
        }
        level.Facts.Clear();
        (level.CommandLength, level.Words, level.Skip) = (0, 0, 0);
        level.Operands = 0;
        level.Wrapped = level.TakesScript = level.TakesCommand = level.IsPowerShell = level.IsInline = level.AfterShell = false;
    }

    // True when the word is a command line of its own. Without quotes it is only the first word of one.
    private static bool TakeWord(Level level, ReadOnlySpan<byte> word, in ShellLexer lexer)
    {
        var takesScript = level.TakesScript;
        if (takesScript && !word.Contains((byte)' ') && !word.Contains((byte)'\n') && level.Inner.Count == 0)
            level.TakesCommand = true;
        level.TakesScript = level.Command.AsSpan(0, level.CommandLength).SequenceEqual("eval"u8);
        if (takesScript && !level.TakesCommand)
        {
            level.Words++;
            level.Operands++;
            level.Facts.Add(FactKey.Arg, word);
            return true;
        }
        Word(level, word, lexer);
        return false;
    }

    private static void Word(Level level, ReadOnlySpan<byte> word, in ShellLexer lexer)
    {
        if (level.Words == 0 || level.TakesCommand)
        {
            First(level, word, lexer);
            return;
        }
        level.Words++;
        ReadOnlySpan<byte> name = level.Command.AsSpan(0, level.CommandLength);
        var isDash = word[0] == '-' || (level.IsPowerShell && word.Length > 3 && word.StartsWith("\u2013"u8));
        if (isDash && word.Length > 1)
        {
            Parameter(level, name, word[0] == '-' ? word : word[2..]);
            return;
        }
        if (level.Skip > 0)
            level.Skip--;
        else if (word[0] != '-' && !word.SequenceEqual(";"u8))
        {
            level.Operands++;
            // ssh host 'command line', ssh host command with operands
            level.TakesScript |= ShellPrograms.IsSsh(name);
        }
        if (word[0] == '/' && word.Length is > 1 and <= 8 && !word[1..].Contains((byte)'/'))
        {
            level.Facts.Add(FactKey.Flag, word[1..]);
            if ((level.AfterShell || name.StartsWith("cmd"u8)) && word.Length == 2 && word[1] is (byte)'c' or (byte)'C' or (byte)'k' or (byte)'K')
                level.TakesScript = true;
        }
        level.AfterShell = ShellPrograms.IsShell(word[(word.LastIndexOfAny((byte)'/', (byte)'\\') + 1)..]);
        level.Facts.Add(FactKey.Arg, word);
    }

    private static void Parameter(Level level, ReadOnlySpan<byte> name, ReadOnlySpan<byte> word)
    {
        Flags(level, word);
        // bash -c, and the shell another program is told to run: docker exec x sh -c '...'
        if (level.IsPowerShell ? IsCommandFlag(word) : (level.AfterShell || ShellPrograms.IsShell(name)) && ((word[^1] == 'c' && word.Length <= 5) || IsCommandFlag(word)))
            level.TakesScript = true;
        if (ShellPrograms.IsInterpreter(name) && word is [(byte)'-', not (byte)'-', ..])
            level.IsInline |= level.IsPowerShell ? word.Length > 1 && !word.EndsWith("-"u8) && !IsSwitch(word) : word.ContainsAny("cempEr"u8) && !ShellPrograms.IsShell(name) || level.TakesScript;
        if (ShellPrograms.IsSsh(name))
            level.Skip = word.Length == 2 && ShellPrograms.TakesValue(name, word[1]) ? 1 : 0;
        // find -exec, -execdir, -ok: what follows is a command of its own.
        if (name.SequenceEqual("find"u8) && (word.StartsWith("-exec"u8) || word.StartsWith("-ok"u8)))
            level.TakesCommand = true;
    }

    // PowerShell takes any beginning of -Command; -Exec ends in c as well.
    private static bool IsCommandFlag(ReadOnlySpan<byte> word) => word.Length is >= 2 and <= 8 && System.Text.Ascii.EqualsIgnoreCase(word, "-command"u8[..word.Length]);

    // PowerShell's -NoProfile, -NonInteractive, -ExecutionPolicy, -WindowStyle: say how, not what.
    private static bool IsSwitch(ReadOnlySpan<byte> word) => word.Length > 1 && (word[1] | 0x20) is 'n' or 'w' || (word.Length > 2 && (word[1] | 0x20) == 'e' && (word[2] | 0x20) is 'x' or 'p');

    // The name, or what stands before it: assignments and the flags of wrappers.
    private static void First(Level level, ReadOnlySpan<byte> word, in ShellLexer lexer)
    {
        if (level.Skip > 0)
        {
            level.Skip--;
            return;
        }
        if (IsAssignment(word))
        {
            level.Facts.Add(FactKey.Assign, word);
            return;
        }
        if (level.Wrapped && word[0] == '-')
        {
            level.Skip = word.Length == 2 && ShellPrograms.TakesValue(level.Command.AsSpan(0, level.CommandLength), word[1]) ? 1 : 0;
            if (word.Length > 1)
                Flags(level, word);
            // su -c and env -S take a whole command line.
            level.TakesScript = word.SequenceEqual("-c"u8) || word.SequenceEqual("-S"u8);
            if (level.TakesScript)
                (level.TakesCommand, level.Words) = (false, 1);
            return;
        }
        Name(level, word, lexer);
    }

    private static void Name(Level level, ReadOnlySpan<byte> word, in ShellLexer lexer)
    {
        var name = word[(word.LastIndexOfAny((byte)'/', (byte)'\\') + 1)..];
        if (name.EndsWith(".exe"u8) || name.EndsWith(".EXE"u8))
            name = name[..^4];
        if (level.Wrapped && (word[0] is >= (byte)'0' and <= (byte)'9'))
            return; // timeout 5 CMD, nice 10 CMD
        level.CommandLength = Math.Min(level.Command.Length, name.Length);
        name[..level.CommandLength].CopyTo(level.Command);
        level.Operands = 0;
        if (ShellPrograms.IsWrapper(name))
        {
            level.Facts.Add(FactKey.Wrapper, name);
            level.Wrapped = true;
            return;
        }
        level.Words++;
        level.Wrapped = level.TakesCommand = false;
        level.Facts.Add(FactKey.Cmd, name);
        level.TakesScript = name.SequenceEqual("eval"u8);
        level.IsPowerShell = ShellPrograms.IsPowerShell(name) || ShellPrograms.IsCmdlet(name);
        // The name as a path: rules about programs outside the usual folders.
        if (word.Length > name.Length)
            level.Facts.Add(FactKey.File, word);
        if (lexer.IsPatched)
            level.Facts.Add(FactKey.Trick, "patched"u8);
        var isGlob = word.ContainsAny((byte)'*', (byte)'?', (byte)'[') && !word.SequenceEqual("["u8) && !word.SequenceEqual("[["u8);
        if (lexer.IsOpaque || isGlob)
            level.Facts.Add(FactKey.Opaque, "command"u8);
        if (isGlob)
            level.Facts.Add(FactKey.Opaque, "glob"u8);
    }

    private static void Flags(Level level, ReadOnlySpan<byte> word)
    {
        if (word.StartsWith("--"u8))
        {
            var equals = word.IndexOf((byte)'=');
            level.Facts.Add(FactKey.Flag, equals < 0 ? word[2..] : word[2..equals]);
            if (equals >= 0)
                level.Facts.Add(FactKey.Arg, word[(equals + 1)..]);
            return;
        }
        if (level.IsPowerShell)
        {
            // -Recurse is one word, and -Path:x carries its value.
            var colon = word.IndexOf((byte)':');
            level.Facts.Add(FactKey.Flag, colon < 0 ? word[1..] : word[1..colon]);
            if (colon >= 0)
                level.Facts.Add(FactKey.Arg, word[(colon + 1)..]);
            return;
        }
        level.Facts.Add(FactKey.Flag, word[1..]);
        for (var i = 1; i < word.Length && word.Length is > 2 and <= 9; i++)
            level.Facts.Add(FactKey.Flag, word.Slice(i, 1));
        // curl -d@file, -Tfile: the value sticks to the letter.
        if (word.Length > 3)
            level.Facts.Add(FactKey.Arg, word[2..]);
    }

    private static bool IsAssignment(ReadOnlySpan<byte> word)
    {
        var equals = word.IndexOf((byte)'=');
        if (equals <= 0 || char.IsAsciiDigit((char)word[0]))
            return false;
        foreach (var c in word[..equals])
            if (!char.IsAsciiLetterOrDigit((char)c) && c != '_')
                return false;
        return true;
    }
}
