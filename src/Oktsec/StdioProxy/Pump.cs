using Microsoft.Extensions.Logging;

namespace Oktsec.StdioProxy;

/// <summary>Carries one direction line by line, in order, until its stream ends or nobody reads the other end.</summary>
internal sealed partial class Pump(IDirection direction, ProxySession session, ILogger logger)
{
    /// <summary>Completes at the end of the stream, with everything before it handled.</summary>
    public async Task RunAsync(Stream from, CancellationToken cancel)
    {
        using var lines = new RawLines(from, direction.MaxLine);
        try
        {
            while (await lines.NextAsync(cancel) is { Kind: not RawKind.End } line && !direction.Out.Broken.IsCompleted)
                await HandleAsync(line);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The other side is gone, or the stream was closed under the read: the run is ending.
        }
    }

    /// <summary>Handles one line, whatever becomes of it.</summary>
    public async ValueTask HandleAsync(RawLine line)
    {
        var policies = session.Policies;
        try
        {
            if (line.Kind != RawKind.Line)
                await direction.HandleLongAsync(line, policies);
            else if (!line.IsBlank)
                await direction.HandleAsync(line, policies);
            else if (!policies.IsEnforcing)
                await direction.Out.WriteAsync(line.Bytes);
        }
        catch (Exception e) // The door: whatever went wrong is logged once. Observing, the line passes; enforcing, it does not.
        {
            Log.Fault(logger, e);
            if (!policies.IsEnforcing)
                await direction.Out.WriteAsync(line.Bytes);
            else
                await direction.FailAsync(line);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.ProxyFault, LogLevel.Error, "A message could not be handled.")]
        public static partial void Fault(ILogger logger, Exception e);
    }
}
