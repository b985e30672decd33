using System.Net;
using Oktsec.Core.Identity;
using Oktsec.Scanning;

namespace Oktsec.Core.Configuration;

/// <summary>The whole configuration file, one record per YAML section. Values are validated, interpolated and defaulted; see docs/configuration.md.</summary>
public sealed record OktsecConfig
{
    /// <summary>Absolute path of the file, or empty for built-in defaults.</summary>
    public string SourcePath { get; init; } = "";

    /// <summary>What an agent gets that <c>agents:</c> does not name: deny (default) or allow.</summary>
    public bool DefaultAllow { get; init; }

    /// <summary>What a check that fails (throws, runs out of time) does: closed (default) denies.</summary>
    public bool FailClosed { get; init; } = true;

    /// <summary>What happens to methods that no revision of MCP has: they pass (default), or are denied.</summary>
    public bool DenyUnknownMethods { get; init; }

    public GatewayConfig Gateway { get; init; } = new();

    /// <summary>Tokens that the file itself knows (<c>identity.principals[].tokens[]</c>), beside those in the store.</summary>
    public IReadOnlyList<AgentToken> Tokens { get; init; } = [];

    /// <summary>In the order of the file.</summary>
    public IReadOnlyList<BackendConfig> McpServers { get; init; } = [];

    /// <summary>By name; empty when <c>agents:</c> is absent or empty.</summary>
    public IReadOnlyDictionary<string, AgentConfig> Agents { get; init; } = new Dictionary<string, AgentConfig>();

    public IReadOnlyList<RuleConfig> Rules { get; init; } = [];

    public IReadOnlyList<WebhookConfig> Webhooks { get; init; } = [];

    /// <summary>Canonical category to webhook names.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> CategoryWebhooks { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    public RateLimitConfig RateLimit { get; init; } = new();

    public QuarantineConfig Quarantine { get; init; } = new();

    public AuditConfig Audit { get; init; } = new();

    /// <summary>Absolute path of the SQLite file; default <c>~/.oktsec/oktsec.db</c>.</summary>
    public string DbPath { get; init; } = "";

    /// <summary>Absolute path of a folder of users' rule files, or empty.</summary>
    public string CustomRulesDir { get; init; } = "";

    public LimitsConfig Limits { get; init; } = new();

    /// <summary>Paths of the keys that are written, would protect, and do not yet: whoever runs this file must hear of them.</summary>
    public IReadOnlyList<string> NotEnforced { get; init; } = [];
}

/// <summary><c>gateway:</c></summary>
public sealed record GatewayConfig
{
    /// <summary>TCP port; 0 when <c>port: auto</c> (9090 up to 9100, the first free).</summary>
    public int Port { get; init; } = 9090;

    public bool PortAuto { get; init; }

    /// <summary>Address to listen on; 127.0.0.1 (default) listens on ::1 too.</summary>
    public string Bind { get; init; } = "127.0.0.1";

    /// <summary>Whether only this machine reaches it.</summary>
    public bool IsLocal => Bind == "localhost" || (IPAddress.TryParse(Bind, out var address) && IPAddress.IsLoopback(address));

    public string EndpointPath { get; init; } = "/mcp";

    public bool ScanResponses { get; init; } = true;

    /// <summary>Browser origins that may call, e.g. <c>http://localhost:3000</c>; loopback origins are not allowed by themselves.</summary>
    public IReadOnlyList<string> AllowedOrigins { get; init; } = [];

    /// <summary>Host header values beyond localhost, 127.0.0.1, [::1] and the bind address.</summary>
    public IReadOnlyList<string> AllowedHosts { get; init; } = [];

    /// <summary>Addresses or CIDR ranges whose <c>Forwarded</c> / <c>X-Forwarded-*</c> headers count.</summary>
    public IReadOnlyList<string> TrustedProxies { get; init; } = [];

    /// <summary>Lets a non-loopback bind start without tokens, and serves who proves nothing from there.</summary>
    public bool AllowUnauthenticated { get; init; }

    /// <summary>Whether everybody has to prove who they are; null goes by where they are and whether their name has a token.</summary>
    public bool? RequireAuth { get; init; }

    /// <summary>Whether tokens count (<c>auth_methods</c>).</summary>
    public bool TakesTokens { get; init; } = true;

    /// <summary>Whether <c>X-Oktsec-Agent</c> counts from this machine (<c>auth_methods</c>).</summary>
    public bool TakesHeader { get; init; } = true;
}

/// <summary>One entry of <c>mcp_servers:</c>.</summary>
public sealed record BackendConfig
{
    public required string Name { get; init; }

    /// <summary><c>stdio</c>, <c>http</c> (Streamable HTTP, falling back to legacy SSE) or <c>sse</c>.</summary>
    public required string Transport { get; init; }

    public string Command { get; init; } = "";

    public IReadOnlyList<string> Args { get; init; } = [];

    public IReadOnlyDictionary<string, string> Env { get; init; } = new Dictionary<string, string>();

    /// <summary>Absolute.</summary>
    public string Cwd { get; init; } = "";

    public string Url { get; init; } = "";

    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>One connection for all sessions, for servers without per-session state.</summary>
    public bool Shared { get; init; }

    /// <summary>A revision, or <c>auto</c>.</summary>
    public string Protocol { get; init; } = "auto";

    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromSeconds(30);

    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromMinutes(5);
}

/// <summary>One entry of <c>agents:</c>.</summary>
public sealed record AgentConfig
{
    public required string Name { get; init; }

    public string Description { get; init; } = "";

    public bool Suspended { get; init; }

    /// <summary>Globs over exposed names, <c>backend/tool</c>, <c>backend_tool</c> or a backend's own unique name; empty allows all.</summary>
    public IReadOnlyList<string> AllowedTools { get; init; } = [];

    public IReadOnlyList<string> DeniedTools { get; init; } = [];

    /// <summary>Globs over resource URIs; empty allows all.</summary>
    public IReadOnlyList<string> AllowedResources { get; init; } = [];

    public IReadOnlyList<string> AllowedPrompts { get; init; } = [];

    /// <summary>Canonical categories.</summary>
    public IReadOnlyList<string> BlockedContent { get; init; } = [];

    /// <summary>Agents it may send messages to; loaded, used by the message API.</summary>
    public IReadOnlyList<string> CanMessage { get; init; } = [];

    public int MaxConcurrentCalls { get; init; } = 64;
}

/// <summary>One entry of <c>rules:</c>: an operator's override.</summary>
public sealed record RuleConfig
{
    /// <summary>Canonical id (aliases are resolved on load).</summary>
    public required string Id { get; init; }

    /// <summary>Null keeps the rule's own action.</summary>
    public RuleOverrideAction? Action { get; init; }

    public Severity? Severity { get; init; }

    /// <summary>Webhook names, or inline URLs.</summary>
    public IReadOnlyList<string> Notify { get; init; } = [];

    /// <summary>The text of chat messages about a match, with <c>{{RULE}}</c> and the like; empty for the standard text.</summary>
    public string Template { get; init; } = "";

    public IReadOnlyList<string> ApplyToTools { get; init; } = [];

    public IReadOnlyList<string> ExemptTools { get; init; } = [];
}

public enum RuleOverrideAction : byte
{
    Ignore,
    AllowAndFlag,
    Redact,
    Quarantine,
    Block,
}

/// <summary>One entry of <c>webhooks:</c>.</summary>
public sealed record WebhookConfig
{
    public required string Name { get; init; }

    public required string Url { get; init; }

    /// <summary>blocked, quarantined, rejected, rule_triggered, ...; empty means all.</summary>
    public IReadOnlyList<string> Events { get; init; } = [];

    /// <summary>auto, slack, discord, teams or json.</summary>
    public string Format { get; init; } = "auto";

    public string Secret { get; init; } = "";

    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    public bool AllowPrivate { get; init; }
}

/// <summary><c>rate_limit:</c></summary>
public sealed record RateLimitConfig
{
    /// <summary>Requests per window and agent; 0 is unlimited.</summary>
    public int PerAgent { get; init; }

    public TimeSpan Window { get; init; } = TimeSpan.FromSeconds(60);
}

/// <summary><c>quarantine:</c></summary>
public sealed record QuarantineConfig
{
    public bool Enabled { get; init; } = true;

    public TimeSpan Expiry { get; init; } = TimeSpan.FromHours(24);

    /// <summary>What all held content may take together; what has expired makes room first.</summary>
    public long MaxBytes { get; init; } = 256 << 20;
}

/// <summary><c>audit:</c></summary>
public sealed record AuditConfig
{
    /// <summary>required (default): no record, no call; best_effort: a call passes unrecorded and a warning is logged.</summary>
    public bool Required { get; init; } = true;

    /// <summary>normal survives a kill; full also power loss.</summary>
    public bool FullDurability { get; init; }
}

/// <summary><c>limits:</c></summary>
public sealed record LimitsConfig
{
    public int MaxBodyBytes { get; init; } = 4 * 1024 * 1024;

    public int MaxResultBytes { get; init; } = 32 * 1024 * 1024;

    public int MaxDepth { get; init; } = 64;

    /// <summary>Open sessions per agent and in total.</summary>
    public int MaxSessionsPerAgent { get; init; } = 1000;

    public int MaxSessions { get; init; } = 10_000;

    public TimeSpan SessionIdle { get; init; } = TimeSpan.FromMinutes(30);
}
