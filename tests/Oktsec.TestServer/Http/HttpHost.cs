namespace Oktsec.TestServer.Http;

internal static class HttpHost
{
    public static Task<int> RunAsync(ServerOptions server) => throw new NotImplementedException();
}
