namespace Oktsec.TestServer;

/// <summary>What every connection of one server shares.</summary>
internal sealed record ServerOptions(Arguments Arguments, Script Script, Received Received);
