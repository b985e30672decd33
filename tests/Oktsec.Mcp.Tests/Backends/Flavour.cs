using Oktsec.Mcp.Backends;

namespace Oktsec.Mcp.Tests.Backends;

/// <summary>A way to reach the test server.</summary>
public enum Flavour
{
    Stdio,

    /// <summary>Streamable HTTP; POSTs are answered by event streams.</summary>
    Events,

    /// <summary>Streamable HTTP; POSTs are answered by JSON where that can be.</summary>
    Json,

    /// <summary>Streamable HTTP without sessions, streams or GET.</summary>
    Stateless,

    /// <summary>HTTP with SSE of 2024-11-05.</summary>
    Legacy,

    /// <summary>The same, found out by asking.</summary>
    Auto,

    /// <summary>2026-07-28 over stdio.</summary>
    Modern,

    /// <summary>2026-07-28 over HTTP; POSTs are answered by event streams.</summary>
    ModernEvents,

    /// <summary>2026-07-28 over HTTP; POSTs are answered by JSON where that can be.</summary>
    ModernJson,
}

internal static class Flavours
{
    public static string[] ServerArguments(this Flavour flavour) => flavour switch
    {
        Flavour.Json => ["--http", "--json"],
        Flavour.Stateless => ["--http", "--json", "--stateless", "--no-get"],
        Flavour.Modern => ["--modern"],
        Flavour.ModernEvents => ["--http", "--modern"],
        Flavour.ModernJson => ["--http", "--modern", "--json"],
        _ => ["--http"],
    };

    public static bool IsStdio(this Flavour flavour) => flavour is Flavour.Stdio or Flavour.Modern;

    public static bool IsModern(this Flavour flavour) => flavour is Flavour.Modern or Flavour.ModernEvents or Flavour.ModernJson;

    public static BackendOptions Options(this Flavour flavour, Uri? server, string[] args) => flavour switch
    {
        Flavour.Stdio or Flavour.Modern => new BackendOptions
        {
            Name = "test",
            Transport = BackendTransport.Stdio,
            Command = "dotnet",
            Args = [TestServer.Assembly, .. flavour == Flavour.Modern ? flavour.ServerArguments() : [], .. args],
        },
        Flavour.Legacy => new BackendOptions { Name = "test", Transport = BackendTransport.LegacySse, Url = new Uri(server!, "/sse") },
        Flavour.Auto => new BackendOptions { Name = "test", Transport = BackendTransport.HttpAuto, Url = new Uri(server!, "/sse") },
        _ => new BackendOptions { Name = "test", Transport = BackendTransport.StreamableHttp, Url = new Uri(server!, "/mcp") },
    };

    /// <summary>Whether the server can speak without being asked.</summary>
    public static bool HasServerStream(this Flavour flavour) => flavour is not Flavour.Stateless && !flavour.IsModern();

    /// <summary>Whether one stream carries everything, so that nothing tells on whose behalf a message comes.</summary>
    public static bool HasOneStream(this Flavour flavour) => flavour is Flavour.Stdio or Flavour.Legacy or Flavour.Auto or Flavour.Modern;
}
