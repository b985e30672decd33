using Oktsec.Mcp.Stdio;

namespace Oktsec.Mcp.Backends;

/// <summary>Writes the requests of one child, and knows of each whether any of it may have left us.</summary>
internal sealed class CallWriter(LineWriter writer)
{
    /// <summary>Accepted when it returns, unless its caller gave up before there was room for it.</summary>
    /// <exception cref="IOException">The stream is broken; the request was not accepted.</exception>
    public async Task WriteAsync(PendingCall call, CallTable calls)
    {
        while (true)
        {
            if (TryWrite(call, out var room) is { } position)
            {
                calls.Sent(call, position);
                return;
            }
            await Task.WhenAny(room, call.Task);
            if (call.Task.IsCompleted)
                return; // nobody waits for it any more: it must not be done later
        }
    }

    /// <summary>Whether the child may know of a request: only one that it cannot know of may be made again.</summary>
    public bool MayHaveLeft(PendingCall call) => call.Position is { } position ? writer.WasHandedOver(position) : call.IsBeingWritten;

    private long? TryWrite(PendingCall call, out Task room)
    {
        long? position = null;
        // Said before the first byte, not after the last: the child may have read it, and ended, before we hear where it stands.
        call.IsBeingWritten = true;
        try
        {
            return position = writer.TryWrite(call.Request.Bytes.Span, call.Request.Id, call.Id, out room);
        }
        finally
        {
            call.IsBeingWritten = position is not null;
        }
    }
}
