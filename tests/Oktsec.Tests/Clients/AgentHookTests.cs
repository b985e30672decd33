using Oktsec.Core.Audit;
using Oktsec.Tests.StdioProxy;

namespace Oktsec.Tests.Clients;

/// <summary>The real clients with a model that wants to run a shell command: they do, until they are wrapped with --enforce and the agent has no such tool.</summary>
public sealed class AgentHookTests
{
    [Theory]
    [InlineData("claude-code", ".claude/settings.json", "claude-code", "Bash")]
    [InlineData("gemini", ".gemini/settings.json", "gemini-cli", "run_shell_command")]
    [InlineData("qwen", ".qwen/settings.json", "qwen-code", "run_shell_command")]
    [InlineData("copilot", ".copilot/settings.json", "copilot-cli", "Bash")]
    [InlineData("codex", ".codex/hooks.json", "codex", "Bash")]
    public async Task BuiltInShell_OfAWrappedClient_DoesNotRun_AndTheModelHearsWhy(string id, string hooks, string agent, string tool)
    {
        var client = AgentClient.All.Single(c => c.Id == id);
        using var home = new AgentClientHome();
        var ran = home["project/ran"];
        await using var model = await ScriptedModel.StartAsync($"touch {ran}");
        home.Use(model.Url);
        Write(home[client.File], id switch
        {
            "gemini" => """{"security":{"auth":{"selectedType":"gemini-api-key"}}}""",
            "codex" => $"model = \"scripted\"\nmodel_provider = \"s\"\n[model_providers.s]\nname = \"s\"\nbase_url = \"{model.Url.GetLeftPart(UriPartial.Authority)}/v1\"\nwire_api = \"responses\"\n",
            _ => "{}",
        });

        // As it is: the client runs what its model wants.
        await PromptAsync(home, client);
        Assert.True(File.Exists(ran));
        File.Delete(ran);

        var before = File.Exists(home[hooks]) ? File.ReadAllText(home[hooks]) : null;
        Write(home[".oktsec/config.yaml"], $"agents: {{ {agent}: {{ allowed_tools: [Read, read_file] }} }}\n");
        var (code, output) = await home.OktsecAsync("wrap", id, "--enforce");
        Assert.True(code == 0, output);
        await PromptAsync(home, client);
        Assert.False(File.Exists(ran), "the command ran");
        // Copilot takes the exit code for a denial and reads no reason beside it; the record has it.
        Assert.Contains(id == "copilot" ? "Denied by preToolUse hook" : "blocked by oktsec: tool_not_allowed", ScriptedModel.Told(model), StringComparison.Ordinal);
        var record = ProxyProcess.RecordsOf(home[".oktsec/oktsec.db"]).Single();
        Assert.Equal(("hook", agent, tool, "tool_not_allowed", AuditStatus.Rejected), (record.Entry.Door, record.Entry.Agent, record.Entry.Target, record.Decision, record.Status));

        (code, output) = await home.OktsecAsync("unwrap", id);
        Assert.True(code == 0, output);
        Assert.Equal(before, File.Exists(home[hooks]) ? File.ReadAllText(home[hooks]) : null);
    }

    private static async Task PromptAsync(AgentClientHome home, AgentClient client)
    {
        var (code, output) = await home.RunAsync(client, client.Prompt!);
        Assert.True(code == 0, output);
    }

    private static void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }
}
