using System.CommandLine;
using Oktsec.Commands.Rules;
using Oktsec.Commands.Scan;
using Oktsec.Demo;

namespace Oktsec.Commands;

/// <summary>The commands, in the order of the help text: adding one is a line here.</summary>
internal static class CommandTree
{
    private static readonly (string Name, Func<Command> Create)[] s_commands =
    [
        ("run", RunCommand.Create),
        ("setup", SetupCommand.Create),
        ("gateway", GatewayCommand.Create),
        ("proxy", ProxyCommand.Create),
        ("discover", DiscoverCommand.Create),
        ("wrap", WrapCommand.Create),
        ("unwrap", UnwrapCommand.Create),
        ("hook", HookCommand.Create),
        ("logs", LogsCommand.Create),
        ("quarantine", QuarantineCommand.Create),
        ("webhooks", WebhooksCommand.Create),
        ("tokens", TokensCommand.Create),
        ("status", DoctorCommand.CreateStatus),
        ("doctor", DoctorCommand.Create),
        ("verify", VerifyCommand.Create),
        ("demo", DemoCommand.Create),
        (DemoBackend.CommandName, DemoCommand.CreateBackend),
        ("__demo-call", DemoCommand.CreateCall),
        ("version", VersionCommand.Create),
        ("scan", ScanCommand.Create),
        ("rules", RulesCommand.Create),
    ];

    /// <summary>The root with all commands, or with the one that the arguments begin with: a hook runs for every tool call and asks for no other.</summary>
    public static RootCommand For(string[] args)
    {
        var root = new RootCommand("oktsec: the security layer between AI agents and the MCP servers they use");
        var named = Array.FindIndex(s_commands, command => args.Length > 0 && command.Name == args[0]);
        foreach (var (_, create) in named < 0 ? s_commands : s_commands[named..(named + 1)])
            root.Add(create());
        return root;
    }
}
