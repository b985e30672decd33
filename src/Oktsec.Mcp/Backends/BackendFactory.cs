namespace Oktsec.Mcp.Backends;

/// <summary>One line per transport.</summary>
public static class BackendFactory
{
    public static IBackend Create(BackendOptions options, IBackendListener listener, TimeProvider time) =>
        throw new NotImplementedException();
}
