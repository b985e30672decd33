using System.Diagnostics;

namespace Oktsec.Tests.Gateway;

/// <summary>The scripted server over HTTP, as a process of its own that a test can replace by another at the same address.</summary>
internal sealed class HttpServer : IAsyncDisposable
{
    private readonly Process _process;
    private bool _isOver;

    private HttpServer(Process process, Uri url) => (_process, Url) = (process, url);

    public Uri Url { get; }

    public static async Task<HttpServer> StartAsync(params string[] arguments)
    {
        var process = Process.Start(new ProcessStartInfo("dotnet", [TestGateway.ServerDll, "--http", "--exit-on-eof", .. arguments])
        {
            RedirectStandardInput = true, // it ends with us
            RedirectStandardOutput = true,
            UseShellExecute = false,
        })!;
        var line = await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(60));
        return new HttpServer(process, new Uri(line!["listening ".Length..]));
    }

    /// <summary>One backend entry of YAML.</summary>
    public string Backend(string name, string path = "/mcp", string transport = "http") =>
        $"""
          {name}:
            transport: {transport}
            url: {new Uri(Url, path)}

        """;

    /// <summary>Another process with these arguments at the same address, once this one has ended.</summary>
    public async Task<HttpServer> RestartAsync(params string[] arguments)
    {
        await DisposeAsync();
        return await StartAsync(["--port", $"{Url.Port}", .. arguments]);
    }

    public async ValueTask DisposeAsync()
    {
        if (_isOver)
            return;
        _isOver = true;
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
