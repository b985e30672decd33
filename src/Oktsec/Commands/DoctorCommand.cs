using System.CommandLine;
using Oktsec.Doctor;

namespace Oktsec.Commands;

/// <summary><c>oktsec status</c> and <c>oktsec doctor</c>: the same look, once short and once with everything.</summary>
internal static class DoctorCommand
{
    public static Command CreateStatus() => Create(TimeProvider.System, "status", "What is protected and what is not, a line each.", (output, reports) => new HealthText(output, Ink.ForOutput()).WriteShort(reports));

    public static Command Create() => Create(TimeProvider.System, "doctor", "Look at everything, and say what to do about what is wrong.", (output, reports) => new HealthText(output, Ink.ForOutput()).WriteAll(reports));

    private static Command Create(TimeProvider time, string name, string description, Action<TextWriter, IReadOnlyList<HealthReport>> write)
    {
        var config = new Option<string?>("--config") { Description = "Configuration file; default $OKTSEC_CONFIG, ./oktsec.yaml, ~/.oktsec/config.yaml" };
        var json = new Option<bool>("--json") { Description = "One JSON object" };
        var command = new Command(name, description) { config, json };
        command.SetAction(async (parsed, cancel) =>
        {
            var reports = await Examination.RunAsync(Installation.Find(parsed.GetValue(config), time), Examination.Checks, cancel);
            var output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(json))
                HealthText.WriteJson(output, reports);
            else
                write(output, reports);
            return reports.Any(r => r.Worst == HealthLevel.Problem) ? ExitCodes.Failure : ExitCodes.Fine;
        });
        return command;
    }
}
