using System.CommandLine;
using Oktsec.Commands;
using Oktsec.Commands.Rules;
using Oktsec.Commands.Scan;

// The command tree, nothing else: one line per command, in the order of the help text.
var root = new RootCommand("oktsec: the security layer between AI agents and the MCP servers they use")
{
    RunCommand.Create(),
    SetupCommand.Create(),
    GatewayCommand.Create(),
    ProxyCommand.Create(),
    DiscoverCommand.Create(),
    WrapCommand.Create(),
    UnwrapCommand.Create(),
    HookCommand.Create(),
    LogsCommand.Create(),
    QuarantineCommand.Create(),
    WebhooksCommand.Create(),
    TokensCommand.Create(),
    DoctorCommand.CreateStatus(),
    DoctorCommand.Create(),
    VerifyCommand.Create(),
    DemoCommand.Create(),
    DemoCommand.CreateBackend(),
    DemoCommand.CreateCall(),
    VersionCommand.Create(),
    ScanCommand.Create(),
    RulesCommand.Create(),
};
// Commands that run long end on signals themselves, after what is under way.
var parsed = root.Parse(args);
var exitCode = await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
return parsed.Errors.Count > 0 ? ExitCodes.Usage : exitCode;
