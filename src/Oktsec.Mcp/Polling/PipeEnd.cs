using Microsoft.Win32.SafeHandles;
using Oktsec.Mcp.Stdio;

namespace Oktsec.Mcp.Polling;

/// <summary>Our end of a pipe to a child, read or written by the poller's threads.</summary>
internal sealed class PipeEnd(int fd, FileAccess access, Poller? poller = null) : OneWayStream(access)
{
    private readonly PolledHandle _handle = new(NonBlocking(fd), onHangUp: null, poller);

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => _handle.ReadAsync(buffer, cancellationToken);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => _handle.WriteAsync(buffer, cancellationToken);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _handle.Dispose();
        base.Dispose(disposing);
    }

    // Of this end alone: the child's end is another open file, and stays as children expect it.
    private static SafeFileHandle NonBlocking(int fd)
    {
        _ = Posix.fcntl(fd, Posix.SetFileFlags, Posix.OpenNonBlocking);
        return new SafeFileHandle(fd, ownsHandle: true);
    }
}
