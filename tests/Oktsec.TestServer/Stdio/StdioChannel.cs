namespace Oktsec.TestServer.Stdio;

internal sealed class StdioChannel(Stream stdout) : Channel
{
    private readonly SemaphoreSlim _one = new(1);
    private bool _isCut;

    public override Task SendAsync(ReadOnlyMemory<byte> message) => SendRawAsync((byte[])[.. message.Span, (byte)'\n']);

    public override async Task SendRawAsync(ReadOnlyMemory<byte> bytes)
    {
        await _one.WaitAsync();
        try
        {
            if (!_isCut)
                await stdout.WriteAsync(bytes);
        }
        finally
        {
            _one.Release();
        }
    }

    public override Task CutAsync(bool gracefully)
    {
        _isCut = true;
        Native.Close(1);
        return Task.CompletedTask;
    }
}
