using System.CommandLine;
using Oktsec.Commands;

EarlyStart.Begin(args);
// Commands that run long end on signals themselves, after what is under way.
var parsed = CommandTree.For(args).Parse(args);
var exitCode = await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
return parsed.Errors.Count > 0 ? ExitCodes.Usage : exitCode;
