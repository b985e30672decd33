using System.Buffers;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace Oktsec.Hosting.Transport;

/// <summary>Kestrel's way to sockets on Linux: the poller's threads take a request from its socket, handle it and send the answer.</summary>
/// <remarks>Measured in docs/decisions/0602-poller.md.</remarks>
internal sealed class PolledTransport(IReadOnlyList<Socket> sockets, IMemoryPoolFactory<byte> memory) : IConnectionListenerFactory
{
    // As many as Kestrel's own transport lets wait to be accepted.
    private const int Backlog = 512;

    // When handles run out, whoever connects waits in the backlog until some are closed. 50 ms: nobody notices, and it costs nothing.
    private static readonly TimeSpan s_untilHandleIsFree = TimeSpan.FromMilliseconds(50);

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var socket = sockets.First(s => endpoint.Equals(s.LocalEndPoint));
        try
        {
            socket.Listen(Backlog);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            throw new AddressInUseException(e.Message, e);
        }
        return new(new PolledListener(socket, memory.Create()));
    }

    private sealed class PolledListener(Socket socket, MemoryPool<byte> memory) : IConnectionListener
    {
        private bool _isNearLimit;
        private volatile bool _isUnbound;

        public EndPoint EndPoint { get; } = socket.LocalEndPoint!;

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
        {
            while (true)
            {
                try
                {
                    while (_isNearLimit && !_isUnbound && (_isNearLimit = HandleLimit.IsNear(EndPoint.AddressFamily)))
                        await Task.Delay(s_untilHandleIsFree, cancellationToken);
                    var accepted = await socket.AcceptAsync(cancellationToken);
                    _isNearLimit = HandleLimit.IsNear(accepted.SafeHandle);
                    return Connection(accepted);
                }
                catch (ObjectDisposedException)
                {
                    return null; // no longer listening
                }
                catch (SocketException e) when (e.SocketErrorCode == SocketError.OperationAborted)
                {
                    return null;
                }
                catch (SocketException e) when (e.SocketErrorCode is SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable)
                {
                    _isNearLimit = true;
                }
                catch (Exception e) when (e is SocketException or IOException)
                {
                    // It was gone before we took it; the next one may be better.
                }
            }
        }

        // One that cannot be polled is closed at once: its agent must not wait for an answer.
        private PolledConnection Connection(Socket accepted)
        {
            try
            {
                return new PolledConnection(accepted, memory);
            }
            catch
            {
                accepted.Dispose();
                throw;
            }
        }

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
        {
            _isUnbound = true;
            socket.Dispose();
            return ValueTask.CompletedTask;
        }

        public ValueTask DisposeAsync()
        {
            _isUnbound = true;
            socket.Dispose();
            memory.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
