using Oktsec.Core.Configuration;

namespace Oktsec.Core.Tests.Configuration;

public sealed class ConfigWarningTests
{
    [Theory]
    [InlineData("rules: [{id: PI-001, notify: [alrts]}]\nwebhooks: [{name: alerts, url: 'https://h.example/'}]", "1:31: warning: rules[0].notify[0]: no webhook \"alrts\", so nobody is told; did you mean alerts?")]
    [InlineData("rules: [{id: PI-001}]", "1:9: warning: rules[0]: changes nothing; write action:, severity: or notify:")]
    [InlineData("category_webhooks: [{category: credentials, notify: [x]}]", "1:54: warning: category_webhooks[0].notify[0]: no webhook \"x\", so nobody is told; add it under webhooks:")]
    [InlineData("agents: {bob: {allowed_tools: [fils/read]}}\nmcp_servers: {files: {command: x}}", "1:32: warning: agents.bob.allowed_tools[0]: no server \"fils\"; did you mean files?")]
    [InlineData("agents: {bob: {can_message: [ann]}}", "1:30: warning: agents.bob.can_message[0]: no agent \"ann\"; add it under agents:")]
    [InlineData("agents: {bob: {allowed_tools: }}", "1:16: warning: agents.bob.allowed_tools: nothing follows this key, so it is as if absent; write [] when that is meant")]
    [InlineData("gateway: {bind: 0.0.0.0, allow_unauthenticated: true}", "1:17: warning: gateway.bind: whoever reaches this address is served without proving who it is; write 127.0.0.1, or allow_unauthenticated: false and give agents tokens (oktsec tokens create)")]
    [InlineData("gateway: {auth_methods: [mtls, header]}", "1:26: warning: gateway.auth_methods[0]: \"mtls\" is no method here, so nobody is identified by it; write bearer_token or header")]
    [InlineData("gateway: {scan_responses: false}", "1:27: warning: gateway.scan_responses: poisoned results reach the agents; write true")]
    [InlineData("gateway: {enabled: false}", "1:20: warning: gateway.enabled: has no effect; start the gateway only where you want it")]
    [InlineData("fail_mode: open", "1:12: warning: fail_mode: a call passes unchecked when a check fails; write closed")]
    [InlineData("audit: {mode: best_effort}", "1:15: warning: audit.mode: calls pass unrecorded when the log cannot be written; write required")]
    [InlineData("webhooks: [{name: a, url: 'http://127.0.0.1:1/'}]", "1:27: warning: webhooks[0].url: is a private address, so nothing will be sent; write allow_private: true when that is meant")]
    [InlineData("webhooks: [{name: a, url: 'https://h.example/', events: [message_blocked]}]", "1:58: warning: webhooks[0].events[0]: is read; the name here is blocked")]
    [InlineData("mcp_servers: {a: {command: x, url: 'http://h.example/'}}", "1:36: warning: mcp_servers.a.url: is not used with transport stdio; remove it, or write command for the other kind of server")]
    [InlineData("mcp_servers: {a: {url: 'http://h.example/', headers: {A: b}}}", "1:45: warning: mcp_servers.a.headers: travel unencrypted to another machine; write https:// in url")]
    [InlineData("mcp_servers: {a: {command: x, working_dir: y}}", "1:31: warning: mcp_servers.a.working_dir: is read; the name here is cwd")]
    [InlineData("rules: [{id: PI-001, action: ignore, apply_to_tools: [read]}]\nmcp_servers: {a: {command: x}, b: {command: x}}", "1:55: warning: rules[0].apply_to_tools[0]: \"read\" may fit tools of any server, so it can make this rule stricter, never weaker; write SERVER/read")]
    [InlineData("gateway: {trusted_loopback_headers: true}", "1:11: warning: gateway.trusted_loopback_headers: not supported yet: this is NOT enforced")]
    public void Read_OddButUsable_IsAWarningAndLoads(string yaml, string warning)
    {
        var result = Sample.Read(yaml);

        Assert.NotNull(result.Config);
        Assert.Contains($"{Sample.File}:{warning}", result.Problems.Select(p => p.ToString()));
    }

    [Fact]
    public void Read_KeysThatDoNotProtectYet_AreNamed()
    {
        var config = Sample.Config("gateway: {trusted_loopback_headers: false}\nagents: {bob: {tool_policies: {x: {max_amount: 1}}, tags: [a]}}\ntls: {cert: c}\nidentity: {keys_dir: k}");

        Assert.Equal(["gateway.trusted_loopback_headers", "agents.bob.tool_policies", "tls", "identity.keys_dir"], config.NotEnforced);
    }

    [Fact]
    public void Read_MoreWarningsThanAreKept_IsAnErrorSinceTheRestIsNotRead()
    {
        var agents = string.Concat(Enumerable.Range(0, 600).Select(i => $"  a{i}: {{ tags: [x], denied_tools: [write_file] }}\n"));

        var result = Sample.Read("agents:\n" + agents);

        Assert.Null(result.Config);
        Assert.Contains(result.Problems, p => p.Kind == ProblemKind.Error);
    }

    [Fact]
    public void Read_NothingOdd_SaysNothing()
    {
        Assert.Empty(Sample.Read("mcp_servers:\n  files: {command: x}\nrate_limit: {per_agent: 3}").Problems);
    }

    [Fact]
    public void Read_OldEventThatNeverHappens_DoesNotBecomeAllEvents()
    {
        var events = Sample.Config("webhooks: [{name: a, url: 'https://h.example/', events: [agent_risk_elevated]}]").Webhooks[0].Events;

        Assert.NotEmpty(events);
    }

    // The complete list of keys of the existing product, each with a value of its kind.
    [Fact]
    public void Read_EveryKeyOfTheExistingProduct_Loads()
    {
        var result = Sample.Read("""
            version: "1"
            default_policy: allow
            deployment: {profile: local, org_id: o, require_surface_auth: true}
            server: {port: 8080, bind: 127.0.0.1, log_level: info, api_key: k}
            identity:
              keys_dir: ./keys
              require_signature: false
              principals: [{id: a, display_name: A, kind: agent, tokens: [{id: t, type: gateway_bearer, hash: "sha256:00:0000000000000000000000000000000000000000000000000000000000000000", created_at: "2026-01-01T00:00:00Z", expires_at: "2027-01-01T00:00:00Z", revoked_at: "2026-02-01T00:00:00Z"}]}]
            agents:
              bob:
                can_message: [bob]
                acl_entries: [{a: b}]
                blocked_content: [credential_leak]
                allowed_tools: [x]
                tool_policies: {pay: {max_amount: 10, daily_limit: 20, require_approval_above: 5, rate_limit: 1}}
                tool_constraints: [{tool: t, parameters: {p: {allowed_patterns: [a], blocked_patterns: [b], max_length: 3}}, max_response_bytes: 1, cooldown_secs: 2}]
                tool_chain_rules: [{if: a, then: [b], cooldown_secs: 1}]
                scan_profile: strict
                suspended: false
                description: d
                created_by: c
                created_at: "2026-01-01"
                location: l
                tags: [a]
                egress: {allowed_domains: [a], blocked_domains: [b], tool_restrictions: {}, scan_requests: true, scan_responses: true, blocked_categories: [c], rate_limit: 1, rate_window: 2, integrations: [i]}
                max_concurrent_calls: 3
                max_delegation_depth: 1
                key_version: 1
            rules: [{id: PI-001, severity: high, action: quarantine, notify: [hook], template: "{{RULE}}", apply_to_tools: [a], exempt_tools: [b]}]
            webhooks: [{name: hook, url: "https://h.example/", events: [message_blocked, message_quarantined, rule_triggered, agent_risk_elevated, agent_suspended]}]
            category_webhooks: [{category: credentials, notify: [hook]}]
            db_backend: sqlite
            db_path: a.db
            db_dsn: postgres://x
            custom_rules_dir: ./rules
            quarantine: {enabled: true, expiry_hours: 24, retention_days: 0, archive_dir: a}
            rate_limit: {per_agent: 1, window: 60, backend: memory, redis_url: r}
            anomaly: {check_interval: 60, risk_threshold: 1, min_messages: 1, auto_suspend: false}
            forward_proxy: {enabled: false, port: 8083, allowed_domains: [], blocked_domains: [], scan_requests: true, scan_responses: true, max_body_size: 1048576}
            alerting: {cooldown: 1}
            gateway: {enabled: true, port: 9090, bind: 127.0.0.1, endpoint_path: /mcp, scan_responses: true, require_auth: auto, auth_methods: [bearer]}
            mcp_servers: {a: {transport: stdio, command: x, args: [y], env: {A: b}, working_dir: d, egress_sandbox: true}, b: {transport: http, url: "https://h.example/", headers: {A: b}}}
            llm: {any: thing}
            telemetry: {any: thing}
            guard: {any: thing}
            audit: {export_blocked: true}
            """);

        Assert.DoesNotContain(result.Problems, p => p.Kind == ProblemKind.Error);
        Assert.NotNull(result.Config);
        // What is not enforced is said, each at its place.
        foreach (var path in new[] { "identity.keys_dir", "agents.bob.tool_policies", "agents.bob.tool_constraints", "agents.bob.egress", "forward_proxy", "db_dsn", "rate_limit.redis_url" })
            Assert.Contains(result.Problems, p => p.Path == path);
    }
}
