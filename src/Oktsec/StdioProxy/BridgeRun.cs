using Microsoft.Extensions.Logging;
using Oktsec.Core.Pipeline;
using Oktsec.Gateway;
using Oktsec.Hosting;
using Oktsec.Mcp.Backends;
using Oktsec.Mcp.Remote;

namespace Oktsec.StdioProxy;

/// <summary>One run with a server at a URL: as with a child, but the server's end is not ours, and ours is told to it.</summary>
internal sealed partial class BridgeRun(RemoteServer remote, ByteSink agent, ProxySession session, ProxySignals signals, TimeProvider time)
{
    /// <summary>Runs between the server and our own stdin and stdout.</summary>
    /// <returns>The exit code for our own process.</returns>
    /// <exception cref="StartException">The url or a header cannot be used.</exception>
    public static async Task<int> StartAsync(
        BackendOptions options, ProxySession session, ProxySignals signals, ILogger logger, TimeProvider time,
        Func<ByteSink, ByteSink, IDirection> fromAgent, Func<ByteSink, ByteSink, IServerDirection> fromServer, CancellationToken cancel)
    {
        await using var remote = new RemoteServer(options, time, problem => Log.Problem(logger, options.Name, problem));
        if (remote.Problem is { } problem)
            throw new StartException(problem);
        var (stdin, stdout) = OwnStreams.Open();
        var input = new RemoteInput(remote);
        var (agent, server) = (new ByteSink(stdout), new ByteSink(input));
        var answers = fromServer(agent, server);
        return await new BridgeRun(remote, agent, session, signals, time).RunAsync(
            stdin, input, new Pump(fromAgent(agent, server), session, logger), new Pump(answers, session, logger), answers, cancel);
    }

    private async Task<int> RunAsync(Stream stdin, RemoteInput input, Pump fromAgent, Pump fromServer, IServerDirection answers, CancellationToken cancel)
    {
        using var closing = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var output = TakeAllAsync(fromServer, answers, closing.Token);
        var over = Task.WhenAny(output, agent.Broken, signals.Ended);
        var asked = fromAgent.RunAsync(stdin, closing.Token);
        if (await Task.WhenAny(over, asked) == asked)
        {
            await input.FinishAsync();
            await Task.WhenAny(over, LastAnswers.AwaitAsync(() => session.AwaitsAnswer || !remote.IsIdle, static () => false, time));
            remote.CloseOutput(); // what came until now is delivered, unless the client does not read at all
            await Task.WhenAny(over, Task.Delay(ProxyRun.DrainPatience, time, closing.Token));
        }
        await closing.CancelAsync();
        return signals.First == 0 ? 0 : ProxyRun.SignalExit + signals.First;
    }

    private async Task TakeAllAsync(Pump fromServer, IServerDirection answers, CancellationToken cancel)
    {
        try
        {
            await foreach (var message in remote.Messages.ReadAllAsync(cancel))
            {
                if (message.Failure == RemoteFailure.Dropped)
                    await answers.HandleLongAsync(new RawLine(RawKind.LongEnd, default), session.Policies);
                else if (message.Failure is { } failure)
                    await answers.UnansweredAsync(failure.Id, Decision(failure), session.Policies);
                else
                    await HandleAsync(fromServer, message, session.Policies.Calls.Config.Limits.MaxResultBytes);
            }
        }
        catch (OperationCanceledException)
        {
            // The run ends.
        }
    }

    private static async ValueTask HandleAsync(Pump fromServer, RemoteMessage message, int cap)
    {
        try
        {
            var line = new RawLine(RawKind.Line, message.Line);
            await fromServer.HandleAsync(line.Body.Length > cap ? line with { Kind = RawKind.LongEnd } : line);
        }
        finally
        {
            message.Return();
        }
    }

    private Decision Decision(RemoteFailure failure) => failure.WasSent
        ? Failure.Of(DenyReason.OutcomeUnknown, $"{remote.Origin} {failure.Reason}; the outcome is unknown, it may have been carried out")
        : Failure.Of(DenyReason.BackendUnavailable, $"{remote.Origin} {failure.Reason}; nothing was carried out");

    private static partial class Log
    {
        [LoggerMessage(EventIds.RemoteProblem, LogLevel.Warning, "The server of {Agent} {Problem}")]
        public static partial void Problem(ILogger logger, string agent, string problem);
    }
}
