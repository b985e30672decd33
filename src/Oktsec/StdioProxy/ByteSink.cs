namespace Oktsec.StdioProxy;

/// <summary>Writes pieces to a stream whole and in order, from either direction's loop.</summary>
internal sealed class ByteSink(Stream stream)
{
    /// <summary>256 answers of our own to a server that does not read them; beyond it they are dropped, since nothing waits for them.</summary>
    private const int MostWaiting = 256;

    private readonly SemaphoreSlim _turn = new(1);
    private int _waiting;
    private long _since;

    /// <summary>Completes once the other side is known not to read any more.</summary>
    public Task Broken => _broken.Task;

    /// <summary>How long the other side has not taken what is being written.</summary>
    public TimeSpan StuckFor => Volatile.Read(ref _since) is > 0 and var since ? TimeSpan.FromMilliseconds(Environment.TickCount64 - since + 1) : TimeSpan.Zero;

    private readonly TaskCompletionSource _broken = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Writes bytes as they are; false when nobody reads them any more.</summary>
    public async ValueTask<bool> WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        await _turn.WaitAsync();
        try
        {
            if (_broken.Task.IsCompleted)
                return false;
            Volatile.Write(ref _since, Math.Max(1, Environment.TickCount64));
            await stream.WriteAsync(bytes);
            return true;
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            _broken.TrySetResult();
            return false;
        }
        finally
        {
            Volatile.Write(ref _since, 0);
            _turn.Release();
        }
    }

    /// <summary>Writes a message of our own as one line.</summary>
    public ValueTask<bool> WriteLineAsync(byte[] message) => WriteAsync((byte[])[.. message, (byte)'\n']);

    /// <summary>The same without waiting: a server that does not read must not stop what it says itself.</summary>
    public void Post(byte[] message)
    {
        if (Interlocked.Increment(ref _waiting) > MostWaiting)
            Interlocked.Decrement(ref _waiting);
        else
            _ = PostAsync(message);
    }

    private async Task PostAsync(byte[] message)
    {
        await WriteLineAsync(message);
        Interlocked.Decrement(ref _waiting);
    }
}
