namespace Oktsec.Hosting;

/// <summary>What the command line adds to the configuration.</summary>
/// <param name="Port">Overrides <c>gateway.port</c>; 0 takes any free port; null leaves it.</param>
/// <param name="Bind">Overrides <c>gateway.bind</c>; null leaves it.</param>
/// <param name="IsObserving">Record what would be denied, and deliver.</param>
internal sealed record GatewayOptions(int? Port = null, string? Bind = null, bool IsObserving = false);

/// <summary>The gateway cannot start; the message says why and what to do.</summary>
internal sealed class StartException(string message, Exception? inner = null) : Exception(message, inner);
