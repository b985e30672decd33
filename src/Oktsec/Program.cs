using System.CommandLine;
using Oktsec.Commands;

// The command tree, nothing else: one line per command, in the order of the help text.
var root = new RootCommand("oktsec: the security layer between AI agents and the MCP servers they use")
{
    VersionCommand.Create(),
    ScanCommand.Create(),
};
return await root.Parse(args).InvokeAsync();
