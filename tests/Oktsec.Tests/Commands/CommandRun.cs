using System.CommandLine;

namespace Oktsec.Tests.Commands;

/// <summary>Runs one command in this process and keeps what it prints.</summary>
internal static class CommandRun
{
    public static async Task<(int ExitCode, string Output, string Error)> RunAsync(Command command, params string[] args)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var exitCode = await command.Parse(args).InvokeAsync(new InvocationConfiguration { Output = output, Error = error });
        return (exitCode, output.ToString(), error.ToString());
    }
}
