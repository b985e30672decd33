using System.Text;
using System.Threading.Channels;
using Oktsec.Mcp.Backends;
using Oktsec.Mcp.Envelope;

namespace Oktsec.Mcp.Tests.Backends;

/// <summary>Keeps what a backend says by itself, for a test to wait for.</summary>
internal sealed class RecordingListener : IBackendListener
{
    private readonly Channel<(string Message, object? Origin)> _messages = Channel.CreateUnbounded<(string, object?)>();
    private readonly Channel<EnvelopeError> _refused = Channel.CreateUnbounded<EnvelopeError>();
    private readonly Channel<object?> _letGo = Channel.CreateUnbounded<object?>();
    private int _closed;

    /// <summary>Called first, on the read loop.</summary>
    public Action<IBackend, RpcMessage>? Hook { get; set; }

    public int ClosedCount => Volatile.Read(ref _closed);

    public int MessageCount => _messages.Reader.Count;

    public void OnMessage(IBackend backend, RpcMessage message, object? origin)
    {
        Hook?.Invoke(backend, message);
        _messages.Writer.TryWrite((Encoding.UTF8.GetString(message.Bytes.Span), origin));
    }

    public void OnLetGo(object? origin) => _letGo.Writer.TryWrite(origin);

    public void OnRefused(IBackend backend, EnvelopeError error) => _refused.Writer.TryWrite(error);

    public void OnClosed(IBackend backend, string reason) => Interlocked.Increment(ref _closed);

    public async Task<(string Message, object? Origin)> NextAsync() => await _messages.Reader.ReadAsync().AsTask().WaitAsync(Waits.Long);

    public async Task<object?> NextLetGoAsync() => await _letGo.Reader.ReadAsync().AsTask().WaitAsync(Waits.Long);

    public async Task<EnvelopeError> NextRefusedAsync() => await _refused.Reader.ReadAsync().AsTask().WaitAsync(Waits.Long);
}
