using Oktsec.Core.Configuration.Schema;

namespace Oktsec.Core.Configuration.Sections;

/// <summary>Keys that load without effect: those of the existing product that are called something else here, or that come later. Each says so.</summary>
internal static class CompatKeys
{
    private const string Later = "not supported yet: this key has no effect";
    /// <summary>Of keys whose user expects to be protected by them.</summary>
    public const string NotEnforced = "not supported yet: this is NOT enforced";
    private const string Dashboard = "not supported yet: there is no dashboard; the gateway listens where gateway.port and gateway.bind say";
    private const string Remark = "has no effect: a remark for people";

    public static readonly ConfigKey[] Keys =
    [
        .. Block("deployment", NotEnforced, "profile", "org_id", "require_surface_auth"),
        .. Block("server", Dashboard, "port", "bind", "log_level", "api_key"),
        .. Block("dashboard", Later, "enabled", "port"),
        .. Single("identity.", NotEnforced, "keys_dir", "require_signature"),
        .. Single("identity.principals[].", Remark, "display_name", "kind", "workspace_id"),
        .. Single("identity.principals[].", NotEnforced, "allowed_surfaces", "context"),
        .. Single("identity.principals[].tokens[].", Remark, "principal_id", "last_used_at"),
        .. Single("gateway.", NotEnforced, "trusted_loopback_headers"),
        new("mcp_servers.NAME.working_dir", KeyType.Path, "Another spelling of `cwd`.") { Canonical = "cwd" },
        .. Single("mcp_servers.NAME.", NotEnforced, "egress_sandbox"),
        .. Single("agents.NAME.", NotEnforced, "acl_entries", "tool_policies", "tool_constraints", "tool_chain_rules", "egress", "max_delegation_depth"),
        .. Single("agents.NAME.", Later, "scan_profile", "key_version"),
        .. Single("agents.NAME.", Remark, "created_by", "created_at", "location", "tags"),
        new("database", KeyType.Anything, "") { Notice = "not supported yet: everything is kept in db_path" },
        new("db_backend", KeyType.Anything, "") { Notice = "has no effect: everything is kept in db_path" },
        new("db_dsn", KeyType.Anything, "Another spelling of `database`.") { Canonical = "database" },
        .. Single("quarantine.", Later, "retention_days", "archive_dir"),
        .. Single("rate_limit.", "has no effect: the limit counts in this process", "backend", "redis_url"),
        .. Single("audit.", Later, "export_blocked"),
        .. Block("anomaly", NotEnforced, "check_interval", "risk_threshold", "min_messages", "auto_suspend"),
        .. Block("forward_proxy", NotEnforced, "enabled", "port", "allowed_domains", "blocked_domains", "scan_requests", "scan_responses", "max_body_size"),
        .. Single("", NotEnforced, "pins", "tls", "guard"),
        .. Single("", Later, "alerting", "llm", "telemetry"),
    ];

    private static IEnumerable<ConfigKey> Single(string parent, string notice, params string[] names) =>
        names.Select(name => new ConfigKey(parent + name, KeyType.Anything, "") { Notice = notice });

    // The block's own notice says it once for all its keys.
    private static IEnumerable<ConfigKey> Block(string name, string notice, params string[] keys) =>
        [new ConfigKey(name, KeyType.Section, "") { Notice = notice }, .. keys.Select(key => new ConfigKey($"{name}.{key}", KeyType.Anything, ""))];
}
