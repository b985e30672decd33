namespace Oktsec.Core.Pipeline;

/// <summary>What the HTTP door saw around a message. Null in a <see cref="CallContext"/> at doors without HTTP.</summary>
/// <param name="Origin">The <c>Origin</c> header, empty when absent.</param>
/// <param name="IsOriginAllowed">Whether it is one of ours (<c>gateway.allowed_origins</c>); true when absent.</param>
/// <param name="Host">The <c>Host</c> header.</param>
/// <param name="IsHostAllowed">Whether it names us: loopback names, the bind address, or <c>gateway.allowed_hosts</c>.</param>
public sealed record HttpFacts(string Origin, bool IsOriginAllowed, string Host, bool IsHostAllowed);
