using System.Text;

namespace Oktsec.Clients.Documents;

/// <summary>Values as text: canonical, to compare them, and as JSON strings.</summary>
internal static class NodeText
{
    public static void Append(Node node, StringBuilder text)
    {
        switch (node)
        {
            case TextNode t:
                AppendQuoted(t.Value, text);
                break;
            case WordNode w:
                text.Append(w.Word);
                break;
            case ListNode list:
                text.Append('[');
                foreach (var item in list.Items)
                {
                    Append(item, text);
                    text.Append(',');
                }
                text.Append(']');
                break;
            case MapNode map:
                text.Append('{');
                // Stable, so that a key that is written twice keeps its order.
                foreach (var member in map.Members.OrderBy(m => m.Key, StringComparer.Ordinal))
                {
                    AppendQuoted(member.Key, text);
                    text.Append(':');
                    Append(member.Value, text);
                    text.Append(',');
                }
                text.Append('}');
                break;
        }
    }

    public static string Quoted(string value)
    {
        var text = new StringBuilder(value.Length + 2);
        AppendQuoted(value, text);
        return text.ToString();
    }

    // RFC 8259, section 7: the least that must be escaped. TOML and YAML read the same escapes in double quotes; U+007F and U+0085 are escaped for them.
    private static void AppendQuoted(string value, StringBuilder text)
    {
        text.Append('"');
        foreach (var c in value)
        {
            switch (c)
            {
                case '"' or '\\':
                    text.Append('\\').Append(c);
                    break;
                case '\n':
                    text.Append("\\n");
                    break;
                case '\r':
                    text.Append("\\r");
                    break;
                case '\t':
                    text.Append("\\t");
                    break;
                case < ' ' or '\u007f' or '\u0085' or '\u2028' or '\u2029' or '\ufeff':
                    text.Append($"\\u{(int)c:x4}");
                    break;
                default:
                    text.Append(c);
                    break;
            }
        }
        text.Append('"');
    }
}
