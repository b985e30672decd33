using Oktsec.Core.Configuration;

namespace Oktsec.Core.Tests.Configuration;

public sealed class ConfigReaderTests
{
    [Fact]
    public void Read_SeveralMistakes_ReportsAllWithPlaceAndRemedy()
    {
        var errors = Sample.Errors("""
            gatway:
              port: 9090
            mcp_servers:
              files:
                transport: stdio
            agents:
              bob:
                allowed_tool: [a]
                max_concurrent_calls: many
                blocked_content: [credentails]
            rules:
              - id: IAP-07
                action: blok
            """);

        Assert.Equal(
            [
                "/srv/oktsec/oktsec.yaml:1:1: error: gatway: unknown key; did you mean gateway?",
                "/srv/oktsec/oktsec.yaml:4:3: error: mcp_servers.files: command is missing; write command: npx, or url: https://... for a remote server",
                "/srv/oktsec/oktsec.yaml:8:5: error: agents.bob.allowed_tool: unknown key; did you mean allowed_tools?",
                "/srv/oktsec/oktsec.yaml:9:27: error: agents.bob.max_concurrent_calls: expected a whole number from 1 to 100000, found \"many\"",
                "/srv/oktsec/oktsec.yaml:10:23: error: agents.bob.blocked_content[0]: no category \"credentails\"; did you mean credentials?",
                "/srv/oktsec/oktsec.yaml:12:9: error: rules[0].id: no rule \"IAP-07\"; did you mean IAP-007?",
                "/srv/oktsec/oktsec.yaml:13:13: error: rules[0].action: expected one of block, quarantine, allow-and-flag, redact, ignore, found \"blok\"; did you mean block?",
            ],
            errors.Select(e => e.ToString()));
    }

    [Theory]
    [InlineData("gateway:\nport: 9090\n", "port: unknown key; port belongs to gateway: indent it under that", 2, 1)]
    [InlineData("gateway: {port: 70000}", "gateway.port: expected a port from 1 to 65535, or auto, found \"70000\"", 1, 17)]
    [InlineData("gateway: {port: 0}", "gateway.port: expected a port from 1 to 65535, or auto, found \"0\"", 1, 17)]
    [InlineData("gateway: {scan_responses: yes}", "gateway.scan_responses: expected true or false, found \"yes\"", 1, 27)]
    [InlineData("gateway: [1]", "gateway: expected an indented block of keys, found a list", 1, 10)]
    [InlineData("gateway: text", "gateway: expected an indented block of keys, found a text", 1, 10)]
    [InlineData("agents: {bob: {allowed_tools: read_file}}", "agents.bob.allowed_tools: expected a list, such as [a, b], found a text", 1, 31)]
    [InlineData("agents: {bob: {allowed_tools: [[a]]}}", "agents.bob.allowed_tools[0]: expected a text, found a list", 1, 32)]
    [InlineData("agents: {bob: {allowed_tools: [~]}}", "agents.bob.allowed_tools[0]: expected a text, found nothing", 1, 32)]
    [InlineData("agents: {bob: {allowed_tools: ['re[ad]']}}", "agents.bob.allowed_tools[0]: \"re[ad]\" is no pattern; only * (any characters) and ? (one character) are special", 1, 32)]
    [InlineData("agents: {bob: {allowed_tools: ['!x']}}", "agents.bob.allowed_tools[0]: \"!x\": ! does not exclude; list what to exclude in denied_tools", 1, 32)]
    [InlineData("agents: {bob: {allowed_tools: ['']}}", "agents.bob.allowed_tools[0]: is empty; write a name, or a pattern with * and ?", 1, 32)]
    [InlineData("agents: {_bob: {}}", "agents._bob: \"_bob\" cannot be an agent's name; begin with a letter or digit, then up to 127 letters, digits, ., _ and -", 1, 10)]
    [InlineData("agents:\n  allowed_tools: [a]", "agents.allowed_tools: expected an indented block of keys, found a list; allowed_tools belongs one level deeper, under a name", 2, 18)]
    [InlineData("mcp_servers: {'a/b': {command: x}}", "mcp_servers.a/b: \"a/b\" cannot be a server's name; use at most 64 letters, digits, _, - and .", 1, 15)]
    [InlineData("mcp_servers: {a: {transport: pipe}}", "mcp_servers.a.transport: expected one of stdio, http, sse, streamable-http, found \"pipe\"", 1, 30)]
    [InlineData("mcp_servers: {a: {url: 'ftp://x'}}", "mcp_servers.a.url: expected a URL that begins with http:// or https://, found a text", 1, 24)]
    [InlineData("mcp_servers: {a: {command: x, env: {'A=B': c}}}", "mcp_servers.a.env[\"A=B\"]: cannot be an environment variable; a name has no =, and no NUL stands in either", 1, 44)]
    [InlineData("mcp_servers: {a: {url: 'http://x', headers: {Host: y}}}", "mcp_servers.a.headers.Host: is set by oktsec itself; remove it", 1, 52)]
    [InlineData("mcp_servers: {a: {url: 'http://x', headers: {A: \"b\\r\\nC: d\"}}}", "mcp_servers.a.headers.A: holds a line break or another character that a header cannot carry", 1, 49)]
    [InlineData("webhooks: [{name: a}]", "webhooks[0]: url is missing; write url: \"${SLACK_WEBHOOK_URL}\"", 1, 12)]
    [InlineData("webhooks: [{url: 'https://x.example/'}]", "webhooks[0]: name is missing; write name: alerts", 1, 12)]
    [InlineData("webhooks: [{name: a, url: 'https://x.example/', events: [bloked]}]", "webhooks[0].events[0]: no event \"bloked\"; did you mean blocked?", 1, 58)]
    [InlineData("rules: [{action: block}]", "rules[0]: id is missing; write id: IAP-007", 1, 9)]
    [InlineData("rules: [{id: PI-001, action: block}, {id: PROMPT_INJECTION_001, action: ignore}]", "rules[1].id: PI-001 is already overridden for all tools above; keep one, or limit this one with apply_to_tools", 1, 43)]
    [InlineData("rules: [{id: PI-777, action: block}]", "rules[0].id: no rule \"PI-777\"; known: PI-001, PI-003", 1, 14)]
    [InlineData("rules: [{id: nonsense, action: block}]", "rules[0].id: no rule \"nonsense\"; ids begin with PI-, IAP-", 1, 14)]
    [InlineData("rules: {id: PI-001}", "rules: expected a list of blocks, each beginning with \"- \", found a block of keys", 1, 8)]
    [InlineData("rate_limit: {window: 0}", "rate_limit.window: expected a duration such as 30s, 5m, 1h (a plain number is seconds) from 1 to 86400 seconds, found \"0\"", 1, 22)]
    [InlineData("rate_limit: {per_agent: -1}", "rate_limit.per_agent: expected a whole number of at least 0, found \"-1\"", 1, 25)]
    [InlineData("identity: {principals: [{id: a, tokens: [{id: t, hash: okt_gw_00}]}]}", "identity.principals[0].tokens[0].hash: is no hash of a token; write sha256:SALT:DIGEST in hex; never the token itself", 1, 56)]
    [InlineData("gateway: {bind: example.com}", "gateway.bind: \"example.com\" is no address; write 127.0.0.1, or 0.0.0.0 for all of this machine", 1, 17)]
    [InlineData("gateway: {endpoint_path: mcp}", "gateway.endpoint_path: \"mcp\" is no path; write /mcp", 1, 26)]
    [InlineData("gateway: {endpoint_path: /health}", "gateway.endpoint_path: /health is taken by the gateway itself; write /mcp", 1, 26)]
    [InlineData("gateway: {allowed_origins: ['http://a/b']}", "gateway.allowed_origins[0]: \"http://a/b\" is no origin; write scheme, host and port as the browser sends them: http://localhost:3000", 1, 29)]
    [InlineData("gateway: {trusted_proxies: [10.0.0.0/99]}", "gateway.trusted_proxies[0]: \"10.0.0.0/99\" is neither an address nor a CIDR range; write 10.1.2.3 or 10.0.0.0/8", 1, 29)]
    [InlineData("gateway: {port: 1, port: 2}", "gateway.port: is already written in line 1; keep one of the two", 1, 20)]
    [InlineData("agents: {bob: {}, bob: {}}", "agents.bob: is already written in line 1; keep one of the two", 1, 19)]
    [InlineData("just text", "expected keys such as gateway: and mcp_servers:, found a text", 1, 1)]
    [InlineData("mcp_servers: {a: {command: x, cwd: b, working_dir: c}}", "mcp_servers.a.working_dir: cwd is also written here; keep one of the two", 1, 39)]
    public void Read_OneMistake_SaysWhereWhatAndWhatToWrite(string yaml, string message, int line, int column)
    {
        var error = Assert.Single(Sample.Errors(yaml));

        Assert.Equal($"{Sample.File}:{line}:{column}: error: {message}", error.ToString());
    }

    [Fact]
    public void Read_AnyError_GivesNoConfiguration()
    {
        Assert.Null(Sample.Read("fail_mod: closed").Config);
        Assert.NotNull(Sample.Read("fail_mode: closed").Config);
    }

    [Theory]
    [InlineData("rate_limit: {window: 90}", 90)]
    [InlineData("rate_limit: {window: 90s}", 90)]
    [InlineData("rate_limit: {window: 5m}", 300)]
    [InlineData("rate_limit: {window: 1h}", 3600)]
    [InlineData("rate_limit: {window: 1500ms}", 1.5)]
    public void Read_Duration_PlainNumbersAreSeconds(string yaml, double seconds)
    {
        Assert.Equal(TimeSpan.FromSeconds(seconds), Sample.Config(yaml).RateLimit.Window);
    }

    [Theory]
    [InlineData("12", 12)]
    [InlineData("90m", 1.5)]
    [InlineData("7d", 168)]
    public void Read_QuarantineExpiry_PlainNumbersAreHours(string written, double hours)
    {
        Assert.Equal(TimeSpan.FromHours(hours), Sample.Config($"quarantine: {{expiry_hours: {written}}}").Quarantine.Expiry);
    }

    [Theory]
    [InlineData("65536", 65_536)]
    [InlineData("64KiB", 65_536)]
    [InlineData("2 MiB", 2 * 1024 * 1024)]
    public void Read_Size_TakesBytesOrAUnit(string written, int bytes)
    {
        Assert.Equal(bytes, Sample.Config($"limits: {{max_body_bytes: {written}}}").Limits.MaxBodyBytes);
    }

    [Fact]
    public void Read_PortAuto_IsZeroAndAuto()
    {
        var gateway = Sample.Config("gateway: {port: auto}").Gateway;

        Assert.Equal((0, true), (gateway.Port, gateway.PortAuto));
    }

    [Fact]
    public void Read_Paths_StartAtTheFileOrAtHome()
    {
        var config = Sample.Config("""
            db_path: state/../audit.db
            custom_rules_dir: ~/rules
            mcp_servers:
              a: {command: x, cwd: ./a}
              b: {command: x, cwd: /opt/b}
              c: {command: x, working_dir: ../c}
              d: {command: x}
            """);

        Assert.Equal(("/srv/oktsec/audit.db", "/home/ada/rules"), (config.DbPath, config.CustomRulesDir));
        Assert.Equal(["/srv/oktsec/a", "/opt/b", "/srv/c", "/srv/oktsec"], config.McpServers.Select(b => b.Cwd));
    }

    [Theory]
    [InlineData("{command: x}", "stdio")]
    [InlineData("{url: 'https://x.example/mcp'}", "http")]
    [InlineData("{transport: streamable-http, url: 'https://x.example/mcp'}", "http")]
    [InlineData("{transport: sse, url: 'https://x.example/sse'}", "sse")]
    public void Read_Transport_FollowsFromTheEntry(string entry, string transport)
    {
        Assert.Equal(transport, Assert.Single(Sample.Config($"mcp_servers: {{a: {entry}}}").McpServers).Transport);
    }

    [Fact]
    public void Read_EmptyFile_EqualsTheRecordsDefaults()
    {
        var (read, built) = (Sample.Config(""), new OktsecConfig());

        Assert.Equal((built.DefaultAllow, built.FailClosed), (read.DefaultAllow, read.FailClosed));
        Assert.Equal(built.Gateway with { AllowedOrigins = read.Gateway.AllowedOrigins, AllowedHosts = read.Gateway.AllowedHosts, TrustedProxies = read.Gateway.TrustedProxies }, read.Gateway);
        Assert.Equal((built.RateLimit, built.Quarantine, built.Audit, built.Limits), (read.RateLimit, read.Quarantine, read.Audit, read.Limits));
        Assert.Equal("/home/ada/.oktsec/oktsec.db", read.DbPath);
        Assert.Empty(read.Agents);
        Assert.Empty(read.McpServers);
    }

    [Fact]
    public void Read_EntriesWithoutKeys_EqualTheRecordsDefaults()
    {
        var read = Sample.Config("agents: {bob: }\nmcp_servers: {a: {command: x}}\nwebhooks: [{name: w, url: 'https://w.example/'}]");
        var (agent, backend, webhook) = (read.Agents["bob"], read.McpServers[0], read.Webhooks[0]);

        var (agentDefault, backendDefault, webhookDefault) = (new AgentConfig { Name = "" }, new BackendConfig { Name = "", Transport = "" }, new WebhookConfig { Name = "", Url = "" });
        Assert.Equal((agentDefault.MaxConcurrentCalls, agentDefault.Suspended), (agent.MaxConcurrentCalls, agent.Suspended));
        Assert.Equal((backendDefault.StartTimeout, backendDefault.CallTimeout, backendDefault.Shared), (backend.StartTimeout, backend.CallTimeout, backend.Shared));
        Assert.Equal((webhookDefault.Format, webhookDefault.AllowPrivate), (webhook.Format, webhook.AllowPrivate));
    }
}
