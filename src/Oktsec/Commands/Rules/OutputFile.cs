using System.CommandLine;

namespace Oktsec.Commands.Rules;

/// <summary>Writes what a command made to a file or, for <c>-</c>, to standard output.</summary>
internal static class OutputFile
{
    /// <returns>The exit code.</returns>
    public static int Write(string file, string text, InvocationConfiguration console)
    {
        if (file == "-")
        {
            console.Output.Write(text);
            return ExitCodes.Fine;
        }
        try
        {
            File.WriteAllText(file, text);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            console.Error.WriteLine($"oktsec: {e.Message}");
            return ExitCodes.Failure;
        }
        console.Output.WriteLine($"wrote {TerminalText.Escape(file)}");
        return ExitCodes.Fine;
    }
}
