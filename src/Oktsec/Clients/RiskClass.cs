namespace Oktsec.Clients;

/// <summary>What a server can do at worst, guessed from how it is started or where it is.</summary>
internal enum RiskClass : byte
{
    Unknown,
    Network,
    Files,
    Database,
    Payments,
    Shell,
}

internal static class RiskClasses
{
    // Words of names and packages, the gravest class first: what runs commands can do all the rest.
    private static readonly (RiskClass Class, string[] Words)[] s_words =
    [
        (RiskClass.Shell, ["shell", "bash", "terminal", "commander", "exec", "command", "commands", "ssh", "kubernetes", "kubectl", "k8s", "docker", "powershell", "iterm", "tmux", "code-runner", "sandbox", "jupyter", "repl"]),
        (RiskClass.Payments, ["stripe", "paypal", "square", "adyen", "braintree", "plaid", "payment", "payments", "razorpay", "mollie", "wallet", "coinbase"]),
        (RiskClass.Database, ["postgres", "postgresql", "sqlite", "mysql", "mariadb", "mongo", "mongodb", "redis", "bigquery", "snowflake", "supabase", "neon", "clickhouse", "duckdb", "elasticsearch", "mssql", "oracle", "database", "db", "dbhub", "sql", "neo4j"]),
        (RiskClass.Files, ["filesystem", "fs", "file", "files", "gdrive", "drive", "dropbox", "s3", "box", "obsidian", "git", "memory", "onedrive", "sharepoint"]),
        (RiskClass.Network, ["fetch", "http", "browser", "puppeteer", "playwright", "github", "gitlab", "slack", "brave", "search", "web", "mail", "gmail", "email", "notion", "linear", "jira", "atlassian", "sentry", "discord", "aws", "cloudflare", "remote", "chrome", "firecrawl", "tavily", "exa", "context7", "maps"]),
    ];

    /// <summary>The gravest class that a word of the texts belongs to.</summary>
    public static RiskClass Of(IEnumerable<string> texts, bool isRemote)
    {
        var words = texts.SelectMany(Words).ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var (risk, known) in s_words)
        {
            if (known.Any(words.Contains))
                return risk;
        }
        return isRemote ? RiskClass.Network : RiskClass.Unknown;
    }

    // "@modelcontextprotocol/server-filesystem" has the words of its parts, and "code-runner" counts as a whole too.
    private static IEnumerable<string> Words(string text) =>
        text.Split(['/', '@', ':', '.', ' ', '\\', '='], StringSplitOptions.RemoveEmptyEntries).SelectMany(part => part.Split(['-', '_']).Prepend(part));
}
