using System.Buffers;

namespace Oktsec.Scanning.Fields;

/// <summary>What a value is by its looks alone: an address, a path, a statement.</summary>
internal static class FieldShape
{
    // A line of code or markup that holds a path is none.
    private static readonly SearchValues<byte> Markup = SearchValues.Create("<>\"'`();="u8);

    private static readonly SearchValues<byte> Blanks = SearchValues.Create(" \n\t"u8);

    public static FieldRoles Of(ReadOnlySpan<byte> text)
    {
        text = text.TrimStart(" \n\r\t"u8);
        if (text.Length < 3)
            return FieldRoles.None;
        var hasBlank = text[..Math.Min(text.Length, 512)].ContainsAny(Blanks);
        if (!hasBlank && IsAddress(text))
            return FieldRoles.Url;
        if (!hasBlank && IsPath(text))
            return FieldRoles.Path;
        return hasBlank && IsStatement(text) ? FieldRoles.Sql : FieldRoles.None;
    }

    private static bool IsAddress(ReadOnlySpan<byte> text)
    {
        var colon = text[..Math.Min(text.Length, 12)].IndexOf((byte)':');
        return colon > 1 && text[(colon + 1)..].StartsWith("//"u8);
    }

    private static bool IsPath(ReadOnlySpan<byte> text) =>
        text[0] is (byte)'/' or (byte)'~' || text.StartsWith("./"u8) || text.StartsWith("../"u8) || text.StartsWith("..\\"u8) || text.StartsWith("\\\\"u8)
        || (char.IsAsciiLetter((char)text[0]) && text[1] == ':' && text[2] is (byte)'\\' or (byte)'/') || (!text.ContainsAny(Markup) && (text.IndexOf("/.."u8) >= 0 || text.IndexOf("\\.."u8) >= 0));

    // The verb and the word that must follow it: prose begins with "select" and "drop" as well.
    private static bool IsStatement(ReadOnlySpan<byte> text)
    {
        Span<byte> head = stackalloc byte[32];
        var length = Math.Min(text.Length, head.Length);
        for (var i = 0; i < length; i++)
            head[i] = text[i] is >= (byte)'A' and <= (byte)'Z' ? (byte)(text[i] | 0x20) : text[i];
        head = head[..length];
        return head.StartsWith("drop table"u8) || head.StartsWith("drop database"u8) || head.StartsWith("drop schema"u8) || head.StartsWith("delete from"u8) || head.StartsWith("insert into"u8)
            || head.StartsWith("truncate table"u8) || head.StartsWith("alter table"u8) || head.StartsWith("create table"u8) || (head.StartsWith("select "u8) && Contains(text, " from "u8))
            || (head.StartsWith("update "u8) && Contains(text, " set "u8));
    }

    private static bool Contains(ReadOnlySpan<byte> text, ReadOnlySpan<byte> word)
    {
        text = text[..Math.Min(text.Length, 2048)];
        for (var i = 0; i + word.Length <= text.Length; i++)
        {
            var j = 0;
            while (j < word.Length && (text[i + j] | 0x20) == (word[j] | 0x20))
                j++;
            if (j == word.Length)
                return true;
        }
        return false;
    }
}
