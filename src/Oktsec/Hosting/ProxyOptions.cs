using Oktsec.Mcp.Backends;

namespace Oktsec.Hosting;

/// <summary>The command line of <c>oktsec proxy</c>.</summary>
/// <param name="Agent">The name that policy is written for, and that records show.</param>
/// <param name="Command">The server: a program and its arguments; empty when it is remote.</param>
/// <param name="IsEnforcing">Deny; else record what would be denied, and pass every byte.</param>
/// <param name="InspectsResponses">Redact, replace and withhold what the server answers too; counts only when enforcing.</param>
internal sealed record ProxyOptions(string Agent, IReadOnlyList<string> Command, bool IsEnforcing, bool InspectsResponses)
{
    /// <summary>The server at a URL, in place of the command.</summary>
    public BackendOptions? Remote { get; init; }
}
