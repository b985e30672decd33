using System.CommandLine;
using Oktsec.Demo;
using Oktsec.Hosting;

namespace Oktsec.Commands;

/// <summary><c>oktsec demo</c>: the gateway at work in ten seconds, with nothing installed.</summary>
internal static class DemoCommand
{
    public static Command Create()
    {
        var command = new Command("demo", "Show the gateway at work: seven scenes against a demonstration server. Needs nothing, leaves nothing.");
        command.SetAction((parsed, cancel) => RunAsync(parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error, cancel));
        return command;
    }

    /// <summary>The server behind the demonstration: this executable again, as a child process.</summary>
    public static Command CreateBackend()
    {
        var counter = new Argument<string>("counter");
        var command = new Command(DemoBackend.CommandName) { counter };
        command.Hidden = true;
        command.SetAction((parsed, cancel) =>
            DemoBackend.ServeAsync(Console.OpenStandardInput(), Console.OpenStandardOutput(), parsed.GetValue(counter)!, cancel));
        return command;
    }

    /// <summary>One call as an agent would make it, for <c>./run</c>.</summary>
    public static Command CreateCall()
    {
        var url = new Argument<string>("url");
        var agent = new Argument<string>("agent");
        var tool = new Argument<string>("tool");
        var argument = new Argument<string>("argument");
        var value = new Argument<string>("value");
        var command = new Command("__demo-call") { url, agent, tool, argument, value };
        command.Hidden = true;
        command.SetAction(async (parsed, cancel) =>
        {
            using var http = new HttpClient();
            var caller = new DemoAgent(http, new Uri(parsed.GetValue(url)!), parsed.GetValue(agent)!);
            await caller.ConnectAsync(cancel);
            var reply = await caller.CallAsync(parsed.GetValue(tool)!, parsed.GetValue(argument)!, parsed.GetValue(value)!, cancel);
            await parsed.InvocationConfiguration.Output.WriteLineAsync(reply.Text);
            return reply.IsError ? ExitCodes.Failure : ExitCodes.Fine;
        });
        return command;
    }

    private static async Task<int> RunAsync(TextWriter output, TextWriter error, CancellationToken cancel)
    {
        var hasColours = string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")) && !Console.IsOutputRedirected;
        try
        {
            var demo = new Demonstration(new DemoPrinter(output, hasColours), TimeProvider.System);
            return await demo.RunAsync(cancel) ? ExitCodes.Fine : ExitCodes.Failure;
        }
        catch (StartException e)
        {
            await error.WriteLineAsync($"oktsec: {e.Message}");
            return ExitCodes.Failure;
        }
    }
}
