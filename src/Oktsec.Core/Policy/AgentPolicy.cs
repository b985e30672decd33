using Oktsec.Core.Configuration;
using Oktsec.Core.Pipeline;

namespace Oktsec.Core.Policy;

/// <summary>What one agent may do: one entry of <c>agents:</c>, compiled.</summary>
public sealed class AgentPolicy
{
    private readonly ToolMatcher _tools;
    private readonly ToolMatcher _resources;
    private readonly ToolMatcher _prompts;

    /// <param name="config">The entry of <c>agents:</c>.</param>
    /// <param name="isNamed">Whether the configuration names this agent.</param>
    /// <param name="backends">Names of the configured backends, for entries that speak of one.</param>
    public AgentPolicy(AgentConfig config, bool isNamed, IReadOnlyCollection<string> backends)
    {
        Name = config.Name;
        IsNamed = isNamed;
        IsSuspended = config.Suspended;
        MaxConcurrentCalls = config.MaxConcurrentCalls;
        BlockedCategories = new HashSet<string>(config.BlockedContent, StringComparer.Ordinal);
        _tools = new ToolMatcher(config.AllowedTools, config.DeniedTools, backends);
        _resources = new ToolMatcher(config.AllowedResources, []);
        _prompts = new ToolMatcher(config.AllowedPrompts, [], backends);
    }

    public string Name { get; }

    /// <summary>Whether the configuration names this agent; unnamed ones share one rate bucket.</summary>
    public bool IsNamed { get; }

    public bool IsSuspended { get; }

    public int MaxConcurrentCalls { get; }

    /// <summary>Canonical categories whose findings of medium severity or above deny.</summary>
    public IReadOnlySet<string> BlockedCategories { get; }

    /// <summary>The one predicate for lists and calls: what is shown and what is allowed cannot drift.</summary>
    public bool Allows(Target target)
    {
        var list = target.Kind switch
        {
            TargetKind.Tool => _tools,
            TargetKind.Resource => _resources,
            TargetKind.Prompt => _prompts,
            _ => ToolMatcher.Everything,
        };
        return list.IsOpen || list.Allows(target.Name, target.Backend, target.OwnName, target.IsOwnNameUnique);
    }
}
