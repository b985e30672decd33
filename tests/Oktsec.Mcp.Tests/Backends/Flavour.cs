using Oktsec.Mcp.Backends;

namespace Oktsec.Mcp.Tests.Backends;

/// <summary>A way to reach the test server.</summary>
public enum Flavour
{
    Stdio,
}

internal static class Flavours
{
    public static string[] ServerArguments(this Flavour flavour) => flavour switch
    {
        _ => [],
    };

    public static BackendOptions Options(this Flavour flavour, Uri? server, string[] args) => flavour switch
    {
        Flavour.Stdio => new BackendOptions
        {
            Name = "test",
            Transport = BackendTransport.Stdio,
            Command = "dotnet",
            Args = [TestServer.Assembly, .. args],
        },
        _ => throw new ArgumentOutOfRangeException(nameof(flavour)),
    };
}
