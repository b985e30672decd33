using System.Text;

namespace Oktsec.Scanning.Parsers;

/// <summary>
/// Reads a command line as a POSIX shell would and reports every simple command: name, flags, operands, redirections, what is piped into it. Wrappers
/// (sudo, env, xargs ...) are looked through, <c>sh -c '...'</c>, <c>eval</c> and substitutions are read as commands of their own. PowerShell and cmd
/// lines go through the same reader: their words, pipes and quotes are close enough for rules about names, flags and operands.
/// </summary>
internal sealed class ShellCommand
{
    // bash -c "bash -c '...'" and substitutions inside substitutions; deeper is reported as opaque.
    private const int MaxDepth = 6;

    private const int MaxPipeline = 32;

    // Programs that run the program named behind them, with flags that take a value.
    private static readonly Dictionary<string, string> Wrappers = new()
    {
        ["sudo"] = "ugpCDhRrtT", ["doas"] = "uC", ["env"] = "uSC", ["nohup"] = "", ["nice"] = "n", ["ionice"] = "cn", ["time"] = "fo", ["timeout"] = "sk", ["xargs"] = "IiLnPsdEa", ["setsid"] = "",
        ["stdbuf"] = "ioe", ["command"] = "", ["builtin"] = "", ["exec"] = "a", ["busybox"] = "", ["toybox"] = "", ["watch"] = "n", ["strace"] = "opes", ["chroot"] = "", ["unshare"] = "", ["nsenter"] = "t",
        ["su"] = "", ["runuser"] = "u", ["pkexec"] = "", ["parallel"] = "j", ["if"] = "", ["then"] = "", ["else"] = "", ["elif"] = "", ["do"] = "", ["while"] = "", ["until"] = "", ["!"] = "", ["start"] = "", ["call"] = "",
    };

    private static readonly Dictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> WrapperFlags = Wrappers.GetAlternateLookup<ReadOnlySpan<char>>();

    private readonly Level[] levels = [.. Enumerable.Range(0, MaxDepth + 1).Select(_ => new Level())];

    /// <summary>Buffers of one depth: a command inside a command needs its own.</summary>
    private sealed class Level
    {
        public readonly FactList Facts = new();
        public readonly List<Range> Inner = [];
        public readonly byte[] Pipeline = new byte[MaxPipeline * 16];
        public byte[] Word = new byte[1024];
        public byte[] Command = new byte[256];
        public int CommandLength;
        public int PipelineCount;
        public int Words;
        public int Skip;
        public bool Wrapped;
        public bool TakesScript;
        public bool TakesCommand;
        public int Start;
    }

    public void Parse(ReadOnlySpan<byte> text, IFactSink sink) => Parse(text, sink, 0, 0, text.Length, isInside: false);

    // start and end: where the text stands in what was given; inner texts carry the span of the command they stand in.
    private void Parse(ReadOnlySpan<byte> text, IFactSink sink, int depth, int start, int end, bool isInside)
    {
        var level = levels[depth];
        if (level.Word.Length < text.Length + 16)
            level.Word = new byte[text.Length + 16];
        var exact = depth == 0;
        Begin(level, keepPipeline: false);
        var lexer = new ShellLexer(text);
        var target = ShellToken.Break;
        for (; ; )
        {
            var token = lexer.Next(level.Word, out var length, level.Inner);
            var word = level.Word.AsSpan(0, length);
            var takesScript = false;
            if (token == ShellToken.Word)
            {
                if (level.Words == 0 && level.Facts.Count == 0)
                    level.Start = lexer.Start;
                if (target is ShellToken.Write or ShellToken.Read)
                    level.Facts.Add(target == ShellToken.Write ? FactKey.Write : FactKey.Read, word);
                else if (length > 0)
                    takesScript = TakeWord(level, word, lexer.IsOpaque);
                target = ShellToken.Break;
                for (var i = 0; i < level.Inner.Count; i++)
                    Inside(text[level.Inner[i]], sink, depth, exact ? lexer.Start : start, exact ? lexer.End : end);
                if (takesScript)
                    Inside(word, sink, depth, exact ? lexer.Start : start, exact ? lexer.End : end);
                continue;
            }
            if (token is ShellToken.Write or ShellToken.Read)
            {
                target = token;
                continue;
            }
            if (level.Facts.Count > 0)
            {
                if (isInside)
                    level.Facts.Add(FactKey.Inside, "substitution"u8);
                AddPipeline(level);
                sink.Item(FactLanguage.Shell, level.Facts, exact ? level.Start : start, exact ? lexer.Start : end);
            }
            Begin(level, keepPipeline: token == ShellToken.Pipe);
            if (token == ShellToken.End)
                return;
        }
    }

    private void Inside(ReadOnlySpan<byte> text, IFactSink sink, int depth, int start, int end)
    {
        if (depth + 1 < levels.Length)
            Parse(text.ToArray(), sink, depth + 1, start, end, isInside: true);
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
        level.Wrapped = level.TakesScript = level.TakesCommand = false;
    }

    private static void AddPipeline(Level level)
    {
        for (var i = 0; i < level.PipelineCount; i++)
            level.Facts.Add(FactKey.PipeFrom, level.Pipeline.AsSpan(16 * i, 16).TrimEnd((byte)0));
    }

    // True when the word is a command line of its own. Without quotes it is only the first word of one.
    private static bool TakeWord(Level level, ReadOnlySpan<byte> word, bool isOpaque)
    {
        var takesScript = level.TakesScript;
        if (takesScript && !word.Contains((byte)' ') && !word.Contains((byte)'\n'))
            level.TakesCommand = true;
        level.TakesScript = level.Command.AsSpan(0, level.CommandLength).SequenceEqual("eval"u8);
        if (takesScript && !level.TakesCommand)
        {
            level.Words++;
            level.Facts.Add(FactKey.Arg, word);
            return true;
        }
        Word(level, word, isOpaque);
        return false;
    }

    private static void Word(Level level, ReadOnlySpan<byte> word, bool isOpaque)
    {
        if (level.Words == 0 || level.TakesCommand)
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
                level.Skip = word.Length == 2 && level.CommandLength > 0 && TakesValue(level, word[1]) ? 1 : 0;
                if (word.Length > 1)
                    Flags(level, word);
                // su -c and env -S take a whole command line.
                level.TakesScript = word.SequenceEqual("-c"u8) || word.SequenceEqual("-S"u8);
                if (level.TakesScript)
                    (level.TakesCommand, level.Words) = (false, 1);
                return;
            }
            Name(level, word, isOpaque);
            return;
        }
        level.Words++;
        if (word[0] == '-' && word.Length > 1)
        {
            Flags(level, word);
            Span<byte> name = level.Command.AsSpan(0, level.CommandLength);
            // bash -c, python -c is not shell; pwsh -Command and cmd /c are near enough.
            if (IsShell(name) && (word[^1] is (byte)'c' && word.Length <= 5 || word.StartsWith("-Command"u8) || word.StartsWith("-command"u8)))
                level.TakesScript = true;
            // find -exec, -execdir, -ok: what follows is a command of its own.
            if (name.SequenceEqual("find"u8) && (word.StartsWith("-exec"u8) || word.StartsWith("-ok"u8)))
                level.TakesCommand = true;
            return;
        }
        if (word[0] == '/' && word.Length is > 1 and <= 8 && !word[1..].Contains((byte)'/'))
        {
            level.Facts.Add(FactKey.Flag, word[1..]);
            if (level.Command.AsSpan(0, level.CommandLength).StartsWith("cmd"u8) && word.Length == 2 && word[1] is (byte)'c' or (byte)'C' or (byte)'k' or (byte)'K')
                level.TakesScript = true;
        }
        level.Facts.Add(FactKey.Arg, word);
    }

    private static bool TakesValue(Level level, byte flag)
    {
        Span<char> name = stackalloc char[16];
        var length = Math.Min(16, level.CommandLength);
        Encoding.Latin1.GetChars(level.Command.AsSpan(0, length), name);
        return WrapperFlags.TryGetValue(name[..length], out var flags) && flags.Contains((char)flag);
    }

    private static void Name(Level level, ReadOnlySpan<byte> word, bool isOpaque)
    {
        var name = word[(word.LastIndexOfAny((byte)'/', (byte)'\\') + 1)..];
        if (name.EndsWith(".exe"u8) || name.EndsWith(".EXE"u8))
            name = name[..^4];
        if (level.Wrapped && (word[0] is >= (byte)'0' and <= (byte)'9'))
            return; // timeout 5 CMD, nice 10 CMD
        level.CommandLength = Math.Min(level.Command.Length, name.Length);
        name[..level.CommandLength].CopyTo(level.Command);
        Span<char> text = stackalloc char[16];
        if (name.Length is > 0 and <= 16)
        {
            Encoding.Latin1.GetChars(name, text);
            if (WrapperFlags.TryGetValue(text[..name.Length], out _))
            {
                level.Facts.Add(FactKey.Wrapper, name);
                level.Wrapped = true;
                return;
            }
        }
        level.Words++;
        level.Wrapped = level.TakesCommand = false;
        level.Facts.Add(FactKey.Cmd, name);
        level.TakesScript = name.SequenceEqual("eval"u8);
        // The name as a path: rules about programs outside the usual folders.
        if (word.Length > name.Length)
            level.Facts.Add(FactKey.File, word);
        if (isOpaque || word.ContainsAny((byte)'*', (byte)'?', (byte)'['))
            level.Facts.Add(FactKey.Opaque, "command"u8);
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

    private static bool IsShell(ReadOnlySpan<byte> name) =>
        (name.Length <= 4 && name.EndsWith("sh"u8)) || name.SequenceEqual("powershell"u8) || name.SequenceEqual("pwsh"u8) || name.SequenceEqual("cmd"u8);
}
