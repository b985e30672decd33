namespace Oktsec.Mcp.Backends;

/// <summary>One line per transport.</summary>
public static class BackendFactory
{
    public static IBackend Create(BackendOptions options, IBackendListener listener, TimeProvider time) => new EraBackend(options, listener, time, Connection);

    private static IBackend Connection(BackendOptions options, IBackendListener listener, TimeProvider time) => options.Transport switch
    {
        BackendTransport.Stdio => new StdioBackend(options, listener, time),
        _ => new HttpBackend(options, listener, time),
    };
}
