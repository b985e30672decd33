using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Oktsec.Mcp.Polling;

namespace Oktsec.Hosting.Transport;

/// <summary>One connection of an agent, as Kestrel sees it.</summary>
internal sealed class PolledConnection : DefaultConnectionContext, IMemoryPoolFeature
{
    // Requests of 1 KB with their headers fit; a body of 100 KB takes seven reads. An idle connection holds none.
    private const int ReadBytes = 16 * 1024;

    private static readonly StreamPipeReaderOptions s_reading = new(bufferSize: ReadBytes, minimumReadSize: ReadBytes / 4, leaveOpen: true, useZeroByteReads: true);

    private static long s_lastId;

    private readonly Socket _socket;
    private readonly PolledHandle _handle;
    private readonly CancellationTokenSource _closed = new();
    private int _isClosing;

    public PolledConnection(Socket socket, MemoryPool<byte> memory) : base($"{Interlocked.Increment(ref s_lastId)}")
    {
        _socket = socket;
        MemoryPool = memory;
        Features.Set<IMemoryPoolFeature>(this);
        socket.NoDelay = true;
        socket.Blocking = false;
        LocalEndPoint = socket.LocalEndPoint;
        RemoteEndPoint = socket.RemoteEndPoint;
        ConnectionClosed = _closed.Token;
        _handle = new PolledHandle(socket.SafeHandle, TellClosed, owner: socket);
        Transport = new Duplex(PipeReader.Create(new SocketReads(_handle), s_reading), new SocketWriter(_handle, TellClosed));
    }

    /// <summary>What Kestrel puts together before it hands it to the writer.</summary>
    public MemoryPool<byte> MemoryPool { get; }

    public override void Abort(ConnectionAbortedException abortReason) => Close();

    public override async ValueTask DisposeAsync()
    {
        await Transport.Input.CompleteAsync();
        await Transport.Output.CompleteAsync();
        Close();
        await base.DisposeAsync();
    }

    // Kestrel gives up what it does for this connection. On another thread: the poller's has others to serve.
    private void TellClosed() => ThreadPool.UnsafeQueueUserWorkItem(Cancel, _closed, preferLocal: false);

    private static void Cancel(CancellationTokenSource closed)
    {
        try
        {
            closed.Cancel();
        }
        catch (AggregateException)
        {
            // What somebody does about the end of one connection must not end the process.
        }
    }

    private void Close()
    {
        if (Interlocked.Exchange(ref _isClosing, 1) != 0)
            return;
        try
        {
            _socket.Shutdown(SocketShutdown.Both); // what was sent still arrives
        }
        catch (SocketException)
        {
            // The other side was first.
        }
        _handle.Dispose();
        TellClosed();
    }

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
