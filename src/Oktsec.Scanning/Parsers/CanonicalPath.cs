namespace Oktsec.Scanning.Parsers;

/// <summary>
/// Reads a path as the systems behind the tools may: either slash, dots resolved, doubled and hidden separators, drive letters, home folders,
/// <c>/proc/self/root</c>. Reports the canonical path, how far it climbs, and the tricks it uses.
/// </summary>
internal sealed class CanonicalPath
{
    // Longer than any file system takes (PATH_MAX is 4,096 on Linux).
    private const int MaxLength = 4096;

    private const int MaxSegments = 256;

    // Nobody writes so many ./ in a row; old readers cut what they fill.
    private const int Padding = 12;

    private readonly FactList facts = new();
    private readonly byte[] path = new byte[2 * MaxLength];
    private readonly int[] starts = new int[MaxSegments];
    private int ups;
    private int dots;

    public void Parse(ReadOnlySpan<byte> text, IFactSink sink, int start, int end)
    {
        if (text.Length == 0)
            return;
        facts.Clear();
        if (text.Length > MaxLength)
        {
            // Systems refuse it, or cut it where a check did not.
            facts.Add(FactKey.Trick, "long"u8);
            text = text[..MaxLength];
        }
        var rest = Prefix(text);
        var zero = rest.IndexOf((byte)0);
        if (zero >= 0)
        {
            // C libraries stop there, checks of the ending do not.
            facts.Add(FactKey.Trick, "nul"u8);
            rest = rest[..zero];
        }
        var (length, climb) = Resolve(rest);
        var canonical = path.AsSpan(0, length);
        facts.Add(FactKey.Path, canonical);
        AddHome(canonical);
        facts.Add(FactKey.File, canonical[(canonical.LastIndexOf((byte)'/') + 1)..]);
        for (var i = 1; i <= Math.Min(climb, 9); i++)
            facts.Add(FactKey.Climb, [(byte)('0' + i)]);
        for (var i = 1; i <= Math.Min(ups, 9); i++)
            facts.Add(FactKey.Up, [(byte)('0' + i)]);
        facts.Add(FactKey.Absolute, length > 0 && (path[0] is (byte)'/' or (byte)'~' || (length > 1 && path[1] == ':')) ? "yes"u8 : "no"u8);
        sink.Item(FactLanguage.Path, facts, start, end);
    }

    // file:///etc/passwd, \\?\C:\x, \\server\share
    private ReadOnlySpan<byte> Prefix(ReadOnlySpan<byte> text)
    {
        text = text.Trim(" \t\r\n\"'"u8);
        if (text.StartsWith("file:"u8))
        {
            facts.Add(FactKey.Trick, "file-url"u8);
            text = text[5..];
            text = text.StartsWith("//localhost/"u8) ? text[11..] : text.StartsWith("///"u8) ? text[2..] : text;
        }
        if (text.StartsWith(@"\\?\"u8) || text.StartsWith(@"\\.\"u8) || text.StartsWith("//?/"u8) || text.StartsWith("//./"u8))
        {
            facts.Add(FactKey.Trick, "device"u8);
            text = text[4..];
        }
        else if (text.StartsWith(@"\\"u8))
        {
            facts.Add(FactKey.Trick, "unc"u8);
        }
        return text;
    }

    private (int Length, int Climb) Resolve(ReadOnlySpan<byte> text)
    {
        var (length, count, climb) = (0, 0, 0);
        (ups, dots) = (0, 0);
        var isRooted = text.Length > 0 && text[0] is (byte)'/' or (byte)'\\';
        if (isRooted)
            path[length++] = (byte)'/';
        for (var at = 0; at < text.Length;)
        {
            var next = text[at..].IndexOfAny((byte)'/', (byte)'\\');
            var segment = next < 0 ? text[at..] : text.Slice(at, next);
            at = next < 0 ? text.Length : at + next + 1;
            var plain = Plain(segment);
            if (plain.IsEmpty)
                continue;
            if (plain.SequenceEqual("."u8))
            {
                if (++dots == Padding)
                    facts.Add(FactKey.Trick, "padding"u8);
                continue;
            }
            if (plain.SequenceEqual(".."u8))
            {
                ups++;
                if (count > 0)
                    length = starts[--count];
                else
                    climb++;
                continue;
            }
            if (count == MaxSegments)
                break;
            starts[count++] = length;
            if (length > 0 && path[length - 1] != '/')
                path[length++] = (byte)'/';
            plain.CopyTo(path.AsSpan(length));
            length += plain.Length;
        }
        // $HOME and %USERPROFILE% are ~, and /proc/self/root is /.
        length = Replace(length, "$HOME"u8, "~"u8);
        length = Replace(length, "${HOME}"u8, "~"u8);
        length = Replace(length, "%USERPROFILE%"u8, "~"u8);
        if (path.AsSpan(0, length).StartsWith("/proc/self/root/"u8) || path.AsSpan(0, length).StartsWith("/proc/1/root/"u8))
        {
            facts.Add(FactKey.Trick, "proc-root"u8);
            length = Replace(length, path.AsSpan(0, path.AsSpan(0, length).IndexOf("root/"u8) + 4).ToArray(), ""u8);
        }
        if (climb > 0 && !isRooted && length > 0)
        {
            // Above the start nobody knows the folder; against the root it is the usual aim.
            path.AsSpan(0, length).CopyTo(path.AsSpan(1));
            path[0] = (byte)'/';
            length++;
        }
        return (length, climb);
    }

    // A segment as lenient readers take it: Windows drops dots and blanks at its end, four dots survive a filter that removes ../ once.
    private ReadOnlySpan<byte> Plain(ReadOnlySpan<byte> segment)
    {
        if (segment.Length is > 2 and <= 6 && segment.TrimEnd((byte)'.').IsEmpty)
        {
            facts.Add(FactKey.Trick, "dots"u8);
            return ".."u8;
        }
        if (segment.EndsWith("::$DATA"u8))
        {
            facts.Add(FactKey.Trick, "stream"u8);
            segment = segment[..^7];
        }
        // Tomcat and others cut ;parameters off a segment: ..;/ climbs.
        var semicolon = segment.IndexOf((byte)';');
        if (semicolon == 2 && segment.StartsWith(".."u8))
        {
            facts.Add(FactKey.Trick, "semicolon"u8);
            return ".."u8;
        }
        return segment.Length > 2 ? segment.TrimEnd(" "u8) : segment;
    }

    private int Replace(int length, ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> with)
    {
        var text = path.AsSpan(0, length);
        if (!text.StartsWith(prefix))
            return length;
        text[prefix.Length..].CopyTo(path.AsSpan(with.Length));
        with.CopyTo(path);
        return length - prefix.Length + with.Length;
    }

    // /home/ann/.ssh, /Users/ann/.ssh, /root/.ssh and C:/Users/ann/.ssh are all ~/.ssh.
    private void AddHome(ReadOnlySpan<byte> canonical)
    {
        ReadOnlySpan<byte> rest = default;
        if (canonical.StartsWith("/root/"u8))
            rest = canonical[6..];
        else if (canonical.StartsWith("/home/"u8))
            rest = canonical[6..];
        else if (canonical.StartsWith("/Users/"u8))
            rest = canonical[7..];
        else if (canonical.Length > 9 && canonical[1] == ':' && canonical[2..].StartsWith("/Users/"u8))
            rest = canonical[9..];
        if (rest.IsEmpty)
            return;
        if (!canonical.StartsWith("/root/"u8))
            rest = rest.IndexOf((byte)'/') is >= 0 and var slash ? rest[(slash + 1)..] : default;
        if (rest.IsEmpty)
            return;
        Span<byte> home = stackalloc byte[2 + rest.Length];
        home[0] = (byte)'~';
        home[1] = (byte)'/';
        rest.CopyTo(home[2..]);
        facts.Add(FactKey.Path, home);
    }
}
