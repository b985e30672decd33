using System.Collections;
using Microsoft.Extensions.Logging;
using Oktsec.Mcp.Stdio;

namespace Oktsec.StdioProxy;

/// <summary>One run: the server starts, both directions flow, and when one side ends the other one does, with nothing left behind.</summary>
/// <remarks>
/// 1. the agent closes its end: so do we, and the server gets time to finish what somebody can still hear; 2. the server ends: what it said before is delivered, its exit code
/// is ours; 3. a signal: the server gets it too; 4. the agent no longer reads: the server is stopped. We are killed: see <see cref="ProcessGuard"/>.
/// </remarks>
internal sealed class ProxyRun(ChildProcess child, ByteSink agent, ByteSink server, ProxySession session, ProxySignals signals, TimeProvider time)
{
    // A server that is asked to end saves its state; clients of the SDKs wait about as long before they kill.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    // What a server said just before it ended is read by then, unless the agent does not read at all.
    public static readonly TimeSpan DrainPatience = TimeSpan.FromSeconds(10);

    /// <summary>128: what shells report of a program that a signal ended, with its number added.</summary>
    public const int SignalExit = 128;

    /// <summary>Starts the server and runs between it and our own stdin and stdout.</summary>
    /// <exception cref="ChildStartException">It cannot be started.</exception>
    public static async Task<int> StartAsync(
        IReadOnlyList<string> command, ProxySession session, ProxySignals signals, ILogger logger, TimeProvider time,
        Func<ByteSink, ByteSink, IDirection> fromAgent, Func<ByteSink, ByteSink, IServerDirection> fromServer, CancellationToken cancel)
    {
        var child = ChildProcess.Start(Start(command));
        var (stdin, stdout) = OwnStreams.Open();
        var (agent, server) = (new ByteSink(stdout), new ByteSink(child.Input));
        var run = new ProxyRun(child, agent, server, session, signals, time);
        return await run.RunAsync(stdin, new Pump(fromAgent(agent, server), session, logger), new Pump(fromServer(agent, server), session, logger), cancel);
    }

    /// <returns>The exit code for our own process.</returns>
    private async Task<int> RunAsync(Stream stdin, Pump fromAgent, Pump fromServer, CancellationToken cancel)
    {
        using var closing = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        signals.PassTo(child);
        var output = fromServer.RunAsync(child.Output, CancellationToken.None);
        var input = fromAgent.RunAsync(stdin, closing.Token);
        var left = OwnClient.LeftAsync(() => server.StuckFor, DrainPatience, time, closing.Token);
        var over = Task.WhenAny(child.Exited, output, agent.Broken, server.Broken, signals.Ended, left);
        if (await Task.WhenAny(over, input) == input)
        {
            await child.CloseInputAsync(); // where most servers end by themselves
            await Task.WhenAny(over, LastAnswers.AwaitAsync(() => session.AwaitsAnswer, () => child.IsStopped, time));
        }
        if (signals.Ended.IsCompleted)
            await Task.WhenAny(child.Exited, Task.Delay(s_patience, time, closing.Token));
        var exit = await child.StopAsync(output, s_patience, time);
        await closing.CancelAsync();
        // A process that left the group can hold the pipe open, and an agent may not read what is left: neither keeps us.
        await Task.WhenAny(output, signals.Ended, agent.Broken, Task.Delay(DrainPatience, time, cancel));
        await child.Output.DisposeAsync();
        return exit switch
        {
            { Code: { } code } => code,
            { Signal: { } signal } => SignalExit + signal,
            _ => SignalExit,
        };
    }

    // In place: the server gets the environment and the folder that its client gave it, and our stderr as its own.
    private static ChildStart Start(IReadOnlyList<string> command)
    {
        var environment = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().ToDictionary(e => (string)e.Key, e => (string?)e.Value ?? "");
        var path = CommandLookup.Resolve(command[0], environment.GetValueOrDefault("PATH"), null);
        return new ChildStart(path, command, environment, null, SharesError: true);
    }
}
