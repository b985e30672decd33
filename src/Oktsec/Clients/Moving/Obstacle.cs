using System.Text.RegularExpressions;
using Oktsec.Clients.Documents;
using Oktsec.Clients.Servers;

namespace Oktsec.Clients.Moving;

/// <summary>Why a server cannot start from the gateway as it starts from its client. When in doubt it stays where it is, and works.</summary>
internal static class Obstacle
{
    // What a server does not need to know: how the client lists it, waits for it and asks its user.
    private static readonly string[] s_clientsOwn =
    [
        "type", "transport", "transportType", "disabled", "enabled", "name", "description", "icon", "source", "version", "trust", "autoApprove", "alwaysAllow",
        "timeout", "timeout_ms", "startup_timeout_sec", "startup_timeout_ms", "tool_timeout_sec", "bundled",
    ];

    // ${VAR}, ${input:x}, ${{ secrets.x }}, $VAR, {env:VAR}, {file:x}, %VAR%: clients fill these in, each in its own way.
    private static readonly Regex s_placeholder = new(@"(\$\{|\$[A-Za-z_]|\{env:|\{file:|%[A-Za-z_]+%)", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);

    /// <summary>Null when there is none.</summary>
    public static string? Of(ClientServer server)
    {
        if (server.LeftAlone is { } reason)
            return reason;
        if (server.IsDisabled)
            return "it is disabled";
        var (shape, entry) = (server.Shape, server.Entry);
        string?[] known = [shape.Command, shape.Args, shape.Env, "cwd", shape.Headers, .. shape.Urls, .. s_clientsOwn];
        if (entry.Members.FirstOrDefault(m => !known.Contains(m.Key) && !shape.IsExtra(m.Key, m.Value) && m.Value is not (ListNode { Items.Count: 0 } or MapNode { Members.Count: 0 })) is { } other)
            return $"its \"{other.Key}\" has no counterpart at the gateway";
        var texts = (entry[server.Url is null ? shape.Env : shape.Headers] as MapNode)?.Members.Select(m => MovingServer.TextOf(m.Value)).ToList() ?? [];
        if (texts.Contains(null))
            return "a value is no text";
        if (texts.Concat(server.Argv).Append(server.Url).Append(entry.TextOf("cwd")).FirstOrDefault(t => t is not null && s_placeholder.IsMatch(t)) is not null)
            return "it has a placeholder that only the client fills in";
        if (texts.Any(t => t!.EndsWith('\n') || t.EndsWith('\r')))
            return "a value ends with a line break"; // which no secret in a file does
        return server.Url is { } url ? OfRemote(url, texts.Count > 0) : OfLocal(server.Argv, entry.TextOf("cwd"));
    }

    private static string? OfLocal(IReadOnlyList<string> argv, string? cwd)
    {
        if (cwd is not null)
            return Path.IsPathFullyQualified(cwd) ? null : "its cwd is relative";
        if (argv[0].IndexOfAny(['/', '\\']) >= 0 && !Path.IsPathFullyQualified(argv[0]) || argv.Any(IsRelative))
            return "it depends on the folder that the client starts it in";
        return null;
    }

    private static bool IsRelative(string argument) =>
        argument is "." or ".." || argument.StartsWith("./", StringComparison.Ordinal) || argument.StartsWith("../", StringComparison.Ordinal) || argument.StartsWith(@".\", StringComparison.Ordinal);

    private static string? OfRemote(string url, bool hasHeaders) =>
        !Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https") ? "its address is none of http or https"
        : uri.UserInfo.Length > 0 ? "its address holds credentials; put them into a header"
        : hasHeaders || uri.IsLoopback || uri.Query.Length > 1 ? null
        : "it sends no key, so the client may sign in to it by itself, which the gateway cannot";
}
