using Microsoft.Win32.SafeHandles;
using Oktsec.Mcp.Stdio;

namespace Oktsec.Mcp.Polling;

/// <summary>Our end of a pipe to a child, read or written by the poller's threads.</summary>
internal sealed class PipeEnd(int fd, FileAccess access, Poller? poller = null) : Stream
{
    private readonly PolledHandle _handle = new(NonBlocking(fd), onHangUp: null, poller);

    public override bool CanRead => access == FileAccess.Read;

    public override bool CanWrite => access == FileAccess.Write;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => _handle.ReadAsync(buffer, cancellationToken);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => _handle.WriteAsync(buffer, cancellationToken);

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("read it asynchronously");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("write it asynchronously");

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

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
