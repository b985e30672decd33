using Oktsec.Core.Configuration;
using Oktsec.Core.Identity;
using Oktsec.Core.Pipeline;
using Oktsec.Core.Policy;
using Oktsec.Scanning;

namespace Oktsec.Core.Tests;

/// <summary>Contexts, policies and findings with everything a test does not care about filled in.</summary>
internal static class Make
{
    public static Target Read { get; } = Tool("files", "read");

    public static Target Tool(string backend, string own, string? exposed = null, bool isUnique = true) =>
        new(TargetKind.Tool, exposed ?? own, backend, own, isUnique);

    public static AgentConfig Agent(string name = "bob") => new() { Name = name };

    public static BackendConfig Backend(string name) => new() { Name = name, Transport = "stdio" };

    public static OktsecConfig Config(params AgentConfig[] agents) => new()
    {
        McpServers = [Backend("files"), Backend("evil")],
        Agents = agents.ToDictionary(a => a.Name),
    };

    /// <summary>The scanner is never reached: contexts made here have no content unless a test brings a scanner.</summary>
    public static PolicySnapshot Policies(OktsecConfig? config = null, bool isObserving = false, ContentScanner? scanner = null) =>
        new(config ?? Config(), scanner ?? new ContentScanner(null!), isObserving);

    public static Principal Said(string agent) => new(agent, AuthMethod.Header);

    public static CallContext Call(
        PolicySnapshot? policies = null, Principal? principal = null, string method = "tools/call", bool isRequest = true, Target? target = null,
        string? malformed = null, HttpFacts? http = null, string content = "", Place place = Place.Arguments, long timestamp = TimeSpan.TicksPerDay,
        bool hasPolicy = true, params JudgedFinding[] findings)
    {
        policies ??= Policies();
        principal ??= Said("bob");
        return new()
        {
            Policies = policies,
            Principal = principal,
            Policy = hasPolicy ? policies.PolicyOf(principal) : null,
            Method = method,
            IsRequest = isRequest,
            Target = target ?? Read,
            Malformed = malformed,
            Http = http,
            Content = System.Text.Encoding.UTF8.GetBytes(content),
            Place = place,
            Timestamp = timestamp,
            Findings = findings,
        };
    }

    public static JudgedFinding Finding(
        RuleAction action = RuleAction.Flag, Severity severity = Severity.Medium, string rule = "PI-001", string category = "prompt-injection",
        string[]? also = null, int start = 0, int length = 4, string redactAs = "", string name = "prompt_injection", string field = "$.text")
    {
        var finding = new Finding
        {
            RuleId = rule,
            RuleName = name,
            Category = category,
            AlsoCategories = also ?? [],
            Severity = severity,
            Action = action,
            Field = field,
            Start = start,
            Length = length,
            RedactAs = redactAs,
        };
        return new(finding, severity, action);
    }
}
