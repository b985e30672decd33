namespace Oktsec.TestServer.Stdio;

internal sealed class StdioChannel(Stream stdout) : Channel
{
    private readonly SemaphoreSlim _one = new(1);

    public override Task SendAsync(ReadOnlyMemory<byte> message) => SendRawAsync((byte[])[.. message.Span, (byte)'\n']);

    public override async Task SendRawAsync(ReadOnlyMemory<byte> bytes)
    {
        await _one.WaitAsync();
        try
        {
            await stdout.WriteAsync(bytes);
            await stdout.FlushAsync();
        }
        finally
        {
            _one.Release();
        }
    }

    public override Task CutAsync()
    {
        Native.Close(1);
        return Task.CompletedTask;
    }
}
