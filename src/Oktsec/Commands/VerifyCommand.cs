using System.CommandLine;
using Oktsec.Configuration;

namespace Oktsec.Commands;

/// <summary><c>oktsec verify</c></summary>
internal static class VerifyCommand
{
    public static Command Create()
    {
        var config = new Option<string?>("--config") { Description = "Configuration file; default $OKTSEC_CONFIG, ./oktsec.yaml, ~/.oktsec/config.yaml" };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command("verify", "Check a configuration file and say what it means. Exit code 2 when it cannot be used.") { config, json };
        command.SetAction((parsed, cancel) => RunAsync(parsed.GetValue(config), parsed.GetValue(json), parsed.InvocationConfiguration.Output, cancel));
        return command;
    }

    private static async Task<int> RunAsync(string? config, bool json, TextWriter output, CancellationToken cancel)
    {
        var verification = await Verification.RunAsync(config, MachineEnvironment.With(KnownRules.Of), TimeProvider.System, cancel);
        if (json)
            VerifyJson.Write(verification, output);
        else
            new VerifyReport(output, Ink.ForOutput()).Write(verification);
        return verification.Errors > 0 ? ExitCodes.Usage : ExitCodes.Fine;
    }
}
