using Oktsec.Mcp.Backends;
using Oktsec.Mcp.Envelope;

// A process that a test can end by kill -9: connects COUNT times to the stdio server COMMAND ARGS..., says so, and waits.
var count = int.Parse(args[0]);
var options = new BackendOptions { Name = "hosted", Transport = BackendTransport.Stdio, Command = args[1], Args = args[2..] };
var parameters = """{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"host","version":"1"}}"""u8.ToArray();
List<IBackend> backends = [];
for (var i = 0; i < count; i++)
{
    var backend = BackendFactory.Create(options, new Deaf(), TimeProvider.System);
    await backend.ConnectAsync(parameters, CancellationToken.None);
    backends.Add(backend);
}
Console.WriteLine($"connected {Environment.ProcessId}");
// "stop": ends the backends in order; the end of the input: waits, as a process does that is killed.
if (await Console.In.ReadLineAsync() == "stop")
    await Task.WhenAll(backends.Select(backend => backend.DisposeAsync().AsTask()));
else
    await Task.Delay(Timeout.Infinite);

file sealed class Deaf : IBackendListener
{
    public void OnMessage(IBackend backend, RpcMessage message, object? origin) => message.Dispose();

    public void OnLetGo(object? origin)
    {
    }

    public void OnRefused(IBackend backend, EnvelopeError error)
    {
    }

    public void OnClosed(IBackend backend, string reason)
    {
    }
}
