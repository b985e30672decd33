using Oktsec.Core.Configuration;
using Oktsec.Core.Pipeline;

namespace Oktsec.Core.Policy;

/// <summary>What one agent may do: one entry of <c>agents:</c>, compiled.</summary>
public sealed class AgentPolicy
{
    private readonly ToolMatcher _tools;
    private readonly ToolMatcher _prompts;
    private readonly UriMatcher _resources;

    /// <param name="config">The entry of <c>agents:</c>.</param>
    /// <param name="isNamed">Whether the configuration names this agent.</param>
    /// <param name="backends">Names of the configured backends, for entries that speak of one.</param>
    /// <param name="ambiguous">Entries of <c>allowed_tools</c> that fit tools of two backends; they allow nothing.</param>
    public AgentPolicy(AgentConfig config, bool isNamed, IReadOnlyCollection<string> backends, IReadOnlySet<string>? ambiguous = null)
    {
        Name = config.Name;
        IsNamed = isNamed;
        IsSuspended = config.Suspended;
        MaxConcurrentCalls = config.MaxConcurrentCalls;
        BlockedCategories = new HashSet<string>(config.BlockedContent, StringComparer.Ordinal);
        _tools = new ToolMatcher(config.AllowedTools, config.DeniedTools, backends, ambiguous);
        _prompts = new ToolMatcher(config.AllowedPrompts, [], backends);
        _resources = new UriMatcher(config.AllowedResources, backends);
    }

    public string Name { get; }

    /// <summary>Whether the configuration names this agent.</summary>
    public bool IsNamed { get; }

    /// <summary>Under which name its limits are counted.</summary>
    /// <remarks>Agents that the configuration does not name share one: a caller that chooses its name must not choose its limit. No name can be equal to it.</remarks>
    public string LimitKey => IsNamed ? Name : UnnamedKey;

    internal const string UnnamedKey = "\0unnamed";

    public bool IsSuspended { get; }

    public int MaxConcurrentCalls { get; }

    /// <summary>Canonical categories whose findings of medium severity or above deny.</summary>
    public IReadOnlySet<string> BlockedCategories { get; }

    /// <summary>The one predicate for lists and calls: what is shown and what is allowed cannot drift.</summary>
    public bool Allows(Target target) => target.Kind switch
    {
        TargetKind.None => true,
        TargetKind.Tool => _tools.Allows(target.Name, target.Backend, target.OwnName, target.IsOwnNameUnique),
        TargetKind.Prompt => _prompts.Allows(target.Name, target.Backend, target.OwnName, target.IsOwnNameUnique),
        TargetKind.Resource => _resources.Allows(target),
        _ => false,
    };
}
