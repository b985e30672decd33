using Oktsec.Core.Configuration.Schema;
using Oktsec.Core.Policy;

namespace Oktsec.Core.Configuration;

/// <summary>Checks what one section says against another. All of it are warnings: the other end may come later.</summary>
internal static class ConfigValidator
{
    public static void Check(ConfigSection top, OktsecConfig config, ProblemList problems)
    {
        foreach (var agent in top.Items("agents").Select(a => a.Section!))
        {
            CheckPeers(agent, config, problems);
            foreach (var list in new[] { "allowed_tools", "denied_tools", "allowed_prompts" })
                CheckBackends(agent, list, config, problems);
        }
        foreach (var rule in top.Items("rules").Select(r => r.Section!))
        {
            CheckWebhooks(rule, config, problems);
            foreach (var list in new[] { "apply_to_tools", "exempt_tools" })
            {
                CheckBackends(rule, list, config, problems);
                CheckSure(rule, list, config, problems);
            }
        }
        foreach (var category in top.Items("category_webhooks").Select(c => c.Section!))
            CheckWebhooks(category, config, problems);
    }

    private static void CheckPeers(ConfigSection agent, OktsecConfig config, ProblemList problems)
    {
        foreach (var peer in agent.Items("can_message"))
        {
            if (!config.Agents.ContainsKey(peer.Text) && peer.Text != "*")
                problems.Warning(peer.Mark, peer.Path.ToString(), $"no agent {Shown.Quote(peer.Raw)}", Near(peer.Text, config.Agents.Keys, "add it under agents:"));
        }
    }

    private static void CheckWebhooks(ConfigSection section, OktsecConfig config, ProblemList problems)
    {
        foreach (var item in section.Items("notify"))
        {
            var isUrl = item.Text.StartsWith("https://", StringComparison.OrdinalIgnoreCase) || item.Text.StartsWith("http://", StringComparison.OrdinalIgnoreCase);
            if (!isUrl && config.Webhooks.All(w => w.Name != item.Text))
                problems.Warning(item.Mark, item.Path.ToString(), $"no webhook {Shown.Quote(item.Raw)}, so nobody is told", Near(item.Text, config.Webhooks.Select(w => w.Name), "add it under webhooks:"));
        }
    }

    // Only an entry that names its backend with a slash can be judged without knowing the tools.
    private static void CheckBackends(ConfigSection section, string list, OktsecConfig config, ProblemList problems)
    {
        foreach (var item in section.Items(list))
        {
            var slash = item.Text.IndexOf('/', StringComparison.Ordinal);
            if (slash <= 0 || item.Text.AsSpan(0, slash).IndexOfAny('*', '?') >= 0)
                continue;
            var backend = item.Text[..slash];
            if (config.McpServers.All(b => b.Name != backend))
                problems.Warning(item.Mark, item.Path.ToString(), $"no server {Shown.Quote(item.Raw.Split('/')[0])}", Near(backend, config.McpServers.Select(b => b.Name), "add it under mcp_servers:"));
        }
    }

    // Any server may call a tool so: the entry counts only where it makes the rule stricter (docs/pipeline.md, "Overrides").
    private static void CheckSure(ConfigSection rule, string list, OktsecConfig config, ProblemList problems)
    {
        var backends = config.McpServers.Select(b => b.Name).ToList();
        foreach (var item in rule.Items(list).Where(i => !new NamePattern(i.Text, backends).IsSure))
            problems.Warning(item.Mark, item.Path.ToString(), $"{Shown.Quote(item.Raw)} may fit tools of any server, so it can make this rule stricter, never weaker", $"write SERVER/{item.Raw}");
    }

    private static string Near(string written, IEnumerable<string> known, string otherwise) =>
        Suggestion.For(written, known) is { } near ? $"did you mean {near}?" : otherwise;
}
