using Oktsec.Core.Configuration;
using Oktsec.Core.Configuration.Schema;

namespace Oktsec.Commands;

/// <summary>What a configuration means, in a few words per entry. Shows texts as written, never what <c>${...}</c> stands for.</summary>
internal static class ConfigSummary
{
    /// <summary>Name, transport, where.</summary>
    public static IEnumerable<string[]> Backends(ConfigLoadResult loaded) =>
        loaded.Top!.Items("mcp_servers").Zip(loaded.Config!.McpServers)
            .Select(pair => new[] { pair.Second.Name, pair.Second.Transport, Where(pair.First.Section!, pair.Second) });

    /// <summary>Name, what it may see, what is blocked and limited.</summary>
    public static IEnumerable<string[]> Agents(OktsecConfig config) =>
        config.Agents.Values.Select(agent => new[] { agent.Name, Sees(agent), Limits(agent) });

    /// <summary>Id, what changes, for which tools, who is told.</summary>
    public static IEnumerable<string[]> Rules(OktsecConfig config) =>
        config.Rules.Select(rule => new[] { rule.Id, Change(rule), Scope(rule), rule.Notify.Count > 0 ? "tells " + Join(rule.Notify.Select(MaskUrl)) : "" });

    /// <summary>Name, form, host, events.</summary>
    public static IEnumerable<string[]> Webhooks(OktsecConfig config) =>
        config.Webhooks.Select(hook => new[] { hook.Name, hook.Format, MaskUrl(hook.Url), hook.Events.Count > 0 ? Join(hook.Events) : "all events" });

    public static string Gateway(OktsecConfig config)
    {
        var address = config.Gateway.Bind.Contains(':', StringComparison.Ordinal) ? $"[{config.Gateway.Bind}]" : config.Gateway.Bind;
        return $"http://{address}:{(config.Gateway.PortAuto ? "auto" : config.Gateway.Port)}{config.Gateway.EndpointPath}";
    }

    public static string Rate(OktsecConfig config) =>
        config.RateLimit.PerAgent == 0 ? "no rate limit" : $"{config.RateLimit.PerAgent} requests in {config.RateLimit.Window.TotalSeconds} s per agent";

    public static string Unnamed(OktsecConfig config) =>
        config.Agents.Count == 0 ? "every name is served, with all tools"
        : config.DefaultAllow ? "other names are served, with all tools"
        : "other names are denied";

    // The program and the first argument that is no option: the rest may be secrets.
    private static string Where(ConfigSection section, BackendConfig backend)
    {
        if (backend.Transport != "stdio")
            return new UriBuilder(backend.Url) { UserName = "", Password = "", Query = "", Fragment = "" }.Uri.AbsoluteUri;
        var arguments = section.Items("args").Select(a => a.Raw).ToList();
        var first = arguments.FirstOrDefault(a => !a.StartsWith('-'));
        return string.Join(' ', new[] { backend.Command, first, arguments.Count > 1 ? $"({arguments.Count} arguments)" : null }.Where(part => part is not null));
    }

    private static string Sees(AgentConfig agent)
    {
        var parts = new List<string> { agent.AllowedTools.Count == 0 ? "all tools" : Join(agent.AllowedTools) };
        if (agent.DeniedTools.Count > 0)
            parts.Add("not " + Join(agent.DeniedTools));
        if (agent.AllowedResources.Count > 0)
            parts.Add("resources " + Join(agent.AllowedResources));
        if (agent.AllowedPrompts.Count > 0)
            parts.Add("prompts " + Join(agent.AllowedPrompts));
        return string.Join("; ", parts);
    }

    private static string Limits(AgentConfig agent)
    {
        var parts = new List<string>();
        if (agent.Suspended)
            parts.Add("SUSPENDED");
        if (agent.BlockedContent.Count > 0)
            parts.Add("blocks " + Join(agent.BlockedContent));
        return string.Join("; ", parts);
    }

    private static string Change(RuleConfig rule)
    {
        var action = rule.Action switch
        {
            RuleOverrideAction.AllowAndFlag => "allow-and-flag",
            { } named => named.ToString().ToLowerInvariant(),
            null => "",
        };
        var severity = rule.Severity is { } weight ? $"severity {weight.ToString().ToLowerInvariant()}" : "";
        return string.Join(", ", new[] { action, severity }.Where(part => part.Length > 0));
    }

    private static string Scope(RuleConfig rule) =>
        (rule.ApplyToTools.Count > 0 ? "for " + Join(rule.ApplyToTools) : "") + (rule.ExemptTools.Count > 0 ? " not for " + Join(rule.ExemptTools) : "");

    // A webhook's path is its password.
    private static string MaskUrl(string nameOrUrl) =>
        Uri.TryCreate(nameOrUrl, UriKind.Absolute, out var url) && url.Host.Length > 0 ? $"{url.Scheme}://{url.Authority}/..." : nameOrUrl;

    private static string Join(IEnumerable<string> names) => string.Join(", ", names);
}
