using System.Collections.Frozen;
using Oktsec.Core.Configuration;
using Oktsec.Core.Identity;
using Oktsec.Scanning;

namespace Oktsec.Core.Policy;

/// <summary>Everything a decision depends on, compiled from one configuration file and swapped whole on reload.</summary>
public sealed class PolicySnapshot
{
    private readonly Dictionary<string, AgentPolicy> _agents;
    private readonly AgentPolicy? _unnamed;
    private readonly Dictionary<string, RuleOverride[]> _overrides;

    /// <param name="config">A validated configuration.</param>
    /// <param name="scanner">The scanner over the rule set this configuration loads.</param>
    /// <param name="isObserving">Observe mode: record what would happen, deliver.</param>
    /// <param name="ambiguous">Entries of <c>allowed_tools</c> that fit tools of two of the backends known so far.</param>
    public PolicySnapshot(OktsecConfig config, ContentScanner scanner, bool isObserving, IReadOnlySet<string>? ambiguous = null)
    {
        Ambiguous = ambiguous ?? FrozenSet<string>.Empty;
        Config = config;
        Scanner = scanner;
        IsObserving = isObserving;
        var backends = config.McpServers.Select(b => b.Name).ToArray();
        _agents = config.Agents.ToDictionary(a => a.Key, a => new AgentPolicy(a.Value, isNamed: true, backends, Ambiguous), StringComparer.Ordinal);
        _unnamed = _agents.Count == 0 || config.DefaultAllow
            ? new AgentPolicy(new AgentConfig { Name = Principal.AnonymousName }, isNamed: false, backends)
            : null;
        _overrides = config.Rules.GroupBy(r => r.Id, StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => g.Select(r => new RuleOverride(r, backends)).OrderBy(r => r.IsForSomeTools).ToArray(), StringComparer.Ordinal);
    }

    public OktsecConfig Config { get; }

    /// <summary>Entries of <c>allowed_tools</c> that allow nothing, since they fit tools of two backends.</summary>
    public IReadOnlySet<string> Ambiguous { get; }

    /// <summary>The same policy after the tools that are known have changed.</summary>
    public PolicySnapshot With(IReadOnlySet<string> ambiguous) => new(Config, Scanner, IsObserving, ambiguous);

    public ContentScanner Scanner { get; }

    public bool IsObserving { get; }

    public bool FailsClosed => Config.FailClosed;

    /// <summary>The agent's policy; null when agents are configured, this one is not among them, and <c>default_policy</c> is deny.</summary>
    public AgentPolicy? PolicyOf(Principal principal) => _agents.GetValueOrDefault(principal.Agent) ?? _unnamed;

    /// <summary>The operator's overrides of a rule: the one for all tools, then those for some tools, in the order of the file. The last one that counts decides.</summary>
    public ReadOnlySpan<RuleOverride> OverridesOf(string ruleId) => _overrides.TryGetValue(ruleId, out var list) ? list : [];

    /// <summary>Whether any override exists; lets the check skip its work.</summary>
    public bool HasOverrides => _overrides.Count > 0;
}
