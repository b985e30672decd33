using Oktsec.Core.Configuration.Schema;

namespace Oktsec.Core.Configuration.Sections;

/// <summary><c>limits:</c></summary>
internal static class LimitsSection
{
    public static readonly ConfigKey[] Keys =
    [
        new("limits", KeyType.Section, "Sizes and counts beyond which a message or a session is refused."),
        new("limits.max_body_bytes", KeyType.Size, "Largest message from an agent.") { Default = "4MiB", Example = "4MiB", Min = 1024, Max = 1 << 30 },
        new("limits.max_result_bytes", KeyType.Size, "Largest message from a backend.") { Default = "32MiB", Example = "32MiB", Min = 1024, Max = 1 << 30 },
        // 512: the JSON reader's own stack of nested values stays small; real calls are under 20 deep.
        new("limits.max_depth", KeyType.Number, "Deepest nesting of a message's JSON.") { Default = "64", Example = "64", Min = 8, Max = 512 },
        new("limits.max_sessions_per_agent", KeyType.Number, "Open sessions of one agent; an agent of 2026-07-28 has one for each set of client capabilities it declares, at most 16.") { Default = "1000", Example = "1000", Min = 1, Max = 1_000_000 },
        new("limits.max_sessions", KeyType.Number, "Open sessions of all agents.") { Default = "10000", Example = "10000", Min = 1, Max = 1_000_000 },
        new("limits.session_idle", KeyType.Duration, "A session unused for that long is closed.") { Default = "30m", Example = "30m", Min = 10, Max = 7 * 86_400 },
    ];

    public static LimitsConfig Read(ConfigSection limits) => new()
    {
        MaxBodyBytes = limits.Number("max_body_bytes"),
        MaxResultBytes = limits.Number("max_result_bytes"),
        MaxDepth = limits.Number("max_depth"),
        MaxSessionsPerAgent = limits.Number("max_sessions_per_agent"),
        MaxSessions = limits.Number("max_sessions"),
        SessionIdle = limits.Duration("session_idle"),
    };
}
