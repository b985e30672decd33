using Oktsec.Core.Configuration.Schema;

namespace Oktsec.Core.Configuration.Sections;

/// <summary><c>mcp_servers:</c></summary>
internal static class BackendSection
{
    public static readonly ConfigKey[] Keys =
    [
        new("mcp_servers", KeyType.NamedSections, "The MCP servers behind the gateway, by name."),
        new("mcp_servers.NAME.transport", KeyType.Choice, "How the server is spoken to. `http` is Streamable HTTP and falls back to the older HTTP+SSE; `sse` is only the older one. Absent: `stdio` with `command`, `http` with `url`.") { Example = "stdio", Choices = ["stdio", "http", "sse", "streamable-http"] },
        new("mcp_servers.NAME.command", KeyType.Text, "Program to start (stdio). Looked up in PATH; no shell is involved.") { Example = "npx" },
        new("mcp_servers.NAME.args", KeyType.Texts, "Its arguments.") { Example = "[\"-y\", \"@modelcontextprotocol/server-filesystem\", \"/data\"]" },
        new("mcp_servers.NAME.env", KeyType.TextMap, "Environment variables added for it. Beyond these it gets PATH, HOME and the like, and none of the gateway's own.") { Example = "{DB_HOST: localhost, DB_PASSWORD: \"${DB_PASSWORD}\"}" },
        new("mcp_servers.NAME.cwd", KeyType.Path, "Folder it is started in. Absent: the configuration file's folder.") { Example = "./servers" },
        new("mcp_servers.NAME.url", KeyType.Url, "Address of the server (http, sse).") { Example = "https://mcp.example.com/mcp" },
        new("mcp_servers.NAME.headers", KeyType.TextMap, "Headers sent with every request to it. An agent's own credentials are never passed on.") { Example = "{Authorization: \"Bearer ${GITHUB_TOKEN}\"}" },
        new("mcp_servers.NAME.shared", KeyType.Flag, "One connection for all agents, for servers that keep nothing per session. Otherwise each agent session has its own.") { Default = "false", Example = "true" },
        new("mcp_servers.NAME.protocol", KeyType.Choice, "Revision of MCP to speak with it. `auto` asks the server; name one for a server that does not bear being asked.") { Default = "auto", Example = "\"2025-11-25\"", Choices = ["auto", "2026-07-28", "2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"] },
        new("mcp_servers.NAME.start_timeout", KeyType.Duration, "How long the first list of tools waits for it to start.") { Default = "30", Example = "30s", Min = 1, Max = 3600 },
        new("mcp_servers.NAME.call_timeout", KeyType.Duration, "How long a call may stay without answer or progress.") { Default = "5m", Example = "5m", Min = 1, Max = 86_400 },
    ];

    // Tool names exposed to agents begin with it when two backends collide, and allow 64 characters in all.
    private const int MaxNameLength = 64;

    public static IReadOnlyList<BackendConfig> Read(ConfigSection top, string folder, ProblemList problems)
    {
        var backends = new List<BackendConfig>();
        foreach (var item in top.Items("mcp_servers"))
        {
            CheckName(item, problems);
            backends.Add(ReadOne(item.Name, item.Section!, folder, problems));
        }
        if (backends.Count == 0)
            problems.Warning(top.MarkOf("mcp_servers"), "mcp_servers", "no servers, so no tools", "name at least one under mcp_servers:");
        return backends;
    }

    private static BackendConfig ReadOne(string name, ConfigSection section, string folder, ProblemList problems)
    {
        var transport = section.Text("transport") switch
        {
            "" => section.IsMissing("command") && !section.IsMissing("url") ? "http" : "stdio",
            "streamable-http" => "http",
            var written => written,
        };
        if (!section.IsWrong("transport"))
            CheckTransport(section, transport, problems);
        CheckHeaders(section, problems);
        CheckEnv(section, problems);
        return new BackendConfig
        {
            Name = name,
            Transport = transport,
            Command = section.Text("command"),
            Args = section.Texts("args"),
            Env = section.Map("env"),
            Cwd = section.Has("cwd") ? section.Text("cwd") : folder,
            Url = section.Text("url"),
            Headers = section.Map("headers"),
            Shared = section.Flag("shared"),
            Protocol = section.Text("protocol"),
            StartTimeout = section.Duration("start_timeout"),
            CallTimeout = section.Duration("call_timeout"),
        };
    }

    private static void CheckName(ConfigValue item, ProblemList problems)
    {
        // Policy entries separate backend and tool with "/" and are globs, so neither may stand in a name.
        if (item.Name.Length is 0 or > MaxNameLength || !item.Name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.'))
            problems.Error(item.Mark, item.Path.ToString(), $"{Shown.Quote(item.Name)} cannot be a server's name", $"use at most {MaxNameLength} letters, digits, _, - and .");
    }

    private static void CheckTransport(ConfigSection section, string transport, ProblemList problems)
    {
        var (wanted, others) = transport == "stdio"
            ? ("command", new[] { "url", "headers" })
            : ("url", new[] { "command", "args", "env", "cwd" });
        if (section.IsMissing(wanted))
            problems.Error(section.Mark, section.Path.ToString(), $"{wanted} is missing", transport == "stdio" ? "write command: npx, or url: https://... for a remote server" : "write url: https://...");
        foreach (var other in others.Where(section.Has))
            problems.Warning(section.MarkOf(other), section.PathOf(other), $"is not used with transport {transport}", $"remove it, or write {wanted} for the other kind of server");
    }

    private static void CheckHeaders(ConfigSection section, ProblemList problems)
    {
        foreach (var header in section.Items("headers"))
            HeaderRules.Check(header, problems);
        if (section.Items("headers").Count > 0 && Uri.TryCreate(section.Text("url"), UriKind.Absolute, out var uri) && uri.Scheme == Uri.UriSchemeHttp && !uri.IsLoopback)
            problems.Warning(section.MarkOf("headers"), section.PathOf("headers"), "travel unencrypted to another machine", "write https:// in url");
    }

    private static void CheckEnv(ConfigSection section, ProblemList problems)
    {
        foreach (var variable in section.Items("env"))
        {
            if (variable.Name.Length == 0 || variable.Name.AsSpan().IndexOfAny('=', '\0') >= 0 || variable.Text.Contains('\0', StringComparison.Ordinal))
                problems.Error(variable.Mark, variable.Path.ToString(), "cannot be an environment variable", "a name has no =, and no NUL stands in either");
        }
    }
}
