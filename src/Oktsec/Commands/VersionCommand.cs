using System.CommandLine;

namespace Oktsec.Commands;

/// <summary><c>oktsec version</c></summary>
internal static class VersionCommand
{
    public static string Version { get; } = typeof(VersionCommand).Assembly.GetName().Version?.ToString(3) ?? "0.0.0";

    public static Command Create()
    {
        var command = new Command("version", "Print the version.");
        command.SetAction(parsed =>
        {
            parsed.InvocationConfiguration.Output.WriteLine($"oktsec {Version}");
            return ExitCodes.Fine;
        });
        return command;
    }
}
