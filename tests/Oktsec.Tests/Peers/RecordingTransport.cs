using System.Threading.Channels;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace Oktsec.Tests.Peers;

/// <summary>Stands between the C# SDK's client and its transport and shows every message before the client sees it.</summary>
internal sealed class RecordingTransport(IClientTransport inner, Action<JsonRpcMessage> received, Action<JsonRpcMessage> sent) : IClientTransport
{
    public string Name => inner.Name;

    public async Task<ITransport> ConnectAsync(CancellationToken cancellationToken = default) =>
        new Connection(await inner.ConnectAsync(cancellationToken), received, sent);

    private sealed class Connection : ITransport
    {
        private readonly ITransport _inner;
        private readonly Action<JsonRpcMessage> _sent;
        private readonly Channel<JsonRpcMessage> _messages = Channel.CreateUnbounded<JsonRpcMessage>();
        private readonly Task _pump;

        public Connection(ITransport inner, Action<JsonRpcMessage> received, Action<JsonRpcMessage> sent)
        {
            _inner = inner;
            _sent = sent;
            _pump = PumpAsync(received);
        }

        public string? SessionId => _inner.SessionId;

        public ChannelReader<JsonRpcMessage> MessageReader => _messages.Reader;

        public Task SendMessageAsync(JsonRpcMessage message, CancellationToken cancellationToken = default)
        {
            _sent(message);
            return _inner.SendMessageAsync(message, cancellationToken);
        }

        public async ValueTask DisposeAsync()
        {
            await _inner.DisposeAsync();
            await _pump;
        }

        private async Task PumpAsync(Action<JsonRpcMessage> received)
        {
            while (await WaitAsync() && _inner.MessageReader.TryRead(out var message))
            {
                received(message);
                _messages.Writer.TryWrite(message);
            }
        }

        // The SDK says how a connection ended through the channel's own completion: passed on, for the client to see.
        private async Task<bool> WaitAsync()
        {
            try
            {
                var more = await _inner.MessageReader.WaitToReadAsync();
                if (!more)
                    _messages.Writer.TryComplete();
                return more;
            }
            catch (ClientTransportClosedException e)
            {
                _messages.Writer.TryComplete(e);
                return false;
            }
        }
    }
}
