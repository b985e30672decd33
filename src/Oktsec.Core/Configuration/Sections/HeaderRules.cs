using System.Buffers;
using Oktsec.Core.Configuration.Schema;

namespace Oktsec.Core.Configuration.Sections;

/// <summary>Headers that we send for the configuration: what may be written.</summary>
internal static class HeaderRules
{
    // RFC 9110, section 5.6.2: token.
    private static readonly SearchValues<char> s_nameCharacters =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

    // What the transport itself decides; a second value would desynchronise the two ends.
    private static readonly string[] s_reserved =
        ["Host", "Content-Length", "Transfer-Encoding", "Connection", "Content-Type", "Accept", "Mcp-Session-Id", "MCP-Protocol-Version", "Mcp-Method", "Mcp-Name"];

    public static void Check(ConfigValue header, ProblemList problems)
    {
        if (header.Name.Length == 0 || header.Name.AsSpan().ContainsAnyExcept(s_nameCharacters))
            problems.Error(header.Mark, header.Path.ToString(), "is no header name", "use letters, digits and -");
        else if (s_reserved.Contains(header.Name, StringComparer.OrdinalIgnoreCase))
            problems.Error(header.Mark, header.Path.ToString(), "is set by oktsec itself", "remove it");
        // A line break in a secret's file would begin a header of its own.
        if (header.Text.Any(c => c is < ' ' and not '\t' or > '~'))
            problems.Error(header.Mark, header.Path.ToString(), "holds a line break or another character that a header cannot carry");
    }
}
