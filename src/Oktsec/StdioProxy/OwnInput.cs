using System.Threading.Tasks.Sources;
using Oktsec.Mcp.Stdio;

namespace Oktsec.StdioProxy;

/// <summary>Our own stdin, read by a thread of its own that also does what follows from what it read: judging, recording, passing on.</summary>
/// <remarks>
/// It may be a file or a terminal, which cannot be polled, so a read blocks. On the pool each read would be handed to a worker and its end to another
/// one; here a message needs no second thread. Where its work had to wait and goes on elsewhere, the next read brings it back.
/// </remarks>
internal sealed class OwnInput : OneWayStream, IValueTaskSource<int>
{
    private readonly Stream _input;
    private readonly SemaphoreSlim _wanted = new(0);
    private readonly Thread _thread;
    private ManualResetValueTaskSourceCore<int> _read;
    private Memory<byte> _buffer;

    /// <param name="input">Read with blocking reads. Never closed: a read may be under way until the process ends.</param>
    public OwnInput(Stream input)
        : base(FileAccess.Read)
    {
        _input = input;
        _thread = new Thread(Run) { IsBackground = true, Name = "oktsec stdin" };
        _thread.UnsafeStart();
    }

    /// <summary>One read at a time. Its token is not looked at: a blocking read cannot be called off.</summary>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (Thread.CurrentThread == _thread)
            return new ValueTask<int>(_input.Read(buffer.Span));
        _buffer = buffer;
        _read.Reset();
        var read = new ValueTask<int>(this, _read.Version);
        _wanted.Release();
        return read;
    }

    private void Run()
    {
        while (true)
        {
            _wanted.Wait();
            int count;
            try
            {
                count = _input.Read(_buffer.Span);
            }
            catch (Exception e) // whatever it was belongs to who reads; here it would end the process
            {
                _read.SetException(e);
                continue;
            }
            _read.SetResult(count);
        }
    }

    int IValueTaskSource<int>.GetResult(short token) => _read.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<int>.GetStatus(short token) => _read.GetStatus(token);

    void IValueTaskSource<int>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _read.OnCompleted(continuation, state, token, flags);
}
