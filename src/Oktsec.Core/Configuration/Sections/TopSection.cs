using Oktsec.Core.Configuration.Schema;

namespace Oktsec.Core.Configuration.Sections;

/// <summary>The keys that belong to no section, and the sections that are two keys long.</summary>
internal static class TopSection
{
    public static readonly ConfigKey[] Keys =
    [
        new("version", KeyType.Choice, "Format of the file. There is only one.") { Default = "1", Example = "\"1\"", Choices = ["1"] },
        new("default_policy", KeyType.Choice, "What an agent gets that `agents:` does not name. Without `agents:` every name is served.") { Default = "deny", Example = "deny", Choices = ["deny", "allow"] },
        new("fail_mode", KeyType.Choice, "What happens when a check itself fails (throws, runs out of time): `closed` denies the call.") { Default = "closed", Example = "closed", Choices = ["closed", "open"] },
        new("unknown_methods", KeyType.Choice, "What happens to requests and notifications that no revision of MCP has, of agents and of servers: they `pass`, scanned and recorded, or are refused.") { Default = "pass", Example = "deny", Choices = ["pass", "deny"] },
        new("db_path", KeyType.Path, "The SQLite file that holds the audit log and the quarantine; every command of oktsec reads the same one.") { Default = "~/.oktsec/oktsec.db", Example = "~/.oktsec/oktsec.db" },
        new("custom_rules_dir", KeyType.Path, "Folder of your own rule files, read beside the built-in rules.") { Example = "./rules" },
        new("rate_limit", KeyType.Section, "How often each agent may call."),
        new("rate_limit.per_agent", KeyType.Number, "Requests per window and agent; every request but ping counts. 0 is unlimited.") { Default = "0", Example = "100" },
        // A day: a longer window would hold more timestamps than a limiter should.
        new("rate_limit.window", KeyType.Duration, "Length of the sliding window.") { Default = "60", Example = "60", Min = 1, Max = 86_400 },
        new("quarantine", KeyType.Section, "What happens to calls and results that are held for a person."),
        new("quarantine.enabled", KeyType.Flag, "`false`: what would be held is blocked, and nothing is kept.") { Default = "true", Example = "true" },
        new("quarantine.expiry_hours", KeyType.Duration, "How long held content can still be approved; after that it counts as rejected.") { Default = "24", Example = "24", Unit = TimeSpan.FromHours(1), Min = 60, Max = 365 * 86_400 },
        // 256 MiB: eight results of the largest size, or some hundred thousand calls; a small part of any disk that records are kept on.
        new("quarantine.max_bytes", KeyType.Size, "What all held content may take together. When it is full, what has expired makes room; without that, calls and results are denied all the same, and not kept.") { Default = "256MiB", Example = "256MiB", Min = 1024 * 1024, Max = 1 << 30 },
        new("audit", KeyType.Section, "How the audit log is written."),
        new("audit.mode", KeyType.Choice, "`required`: no record, no call. `best_effort`: a call passes even when its record cannot be written, and that is logged.") { Default = "required", Example = "required", Choices = ["required", "best_effort"] },
        new("audit.durability", KeyType.Choice, "`normal` survives a killed process; `full` also a power loss, at the cost of a disk flush per group of records.") { Default = "normal", Example = "full", Choices = ["normal", "full"] },
    ];

    public static OktsecConfig Read(ConfigSection top, OktsecConfig config, ConfigPaths paths, ProblemList problems)
    {
        var (rate, quarantine, audit) = (top.Section("rate_limit"), top.Section("quarantine"), top.Section("audit"));
        if (top.Text("fail_mode") == "open")
            problems.Warning(top.MarkOf("fail_mode"), "fail_mode", "a call passes unchecked when a check fails", "write closed");
        if (audit.Text("mode") == "best_effort")
            problems.Warning(audit.MarkOf("mode"), audit.PathOf("mode"), "calls pass unrecorded when the log cannot be written", "write required");
        return config with
        {
            DefaultAllow = top.Text("default_policy") == "allow",
            DenyUnknownMethods = top.Text("unknown_methods") == "deny",
            FailClosed = top.Text("fail_mode") == "closed",
            DbPath = top.Has("db_path") ? top.Text("db_path") : paths.Resolve(top.Text("db_path")) ?? "",
            CustomRulesDir = top.Text("custom_rules_dir"),
            RateLimit = new RateLimitConfig { PerAgent = rate.Number("per_agent"), Window = rate.Duration("window") },
            Quarantine = new QuarantineConfig { Enabled = quarantine.Flag("enabled"), Expiry = quarantine.Duration("expiry_hours"), MaxBytes = quarantine.Number("max_bytes") },
            Audit = new AuditConfig { Required = audit.Text("mode") == "required", FullDurability = audit.Text("durability") == "full" },
        };
    }
}
