namespace Oktsec.Mcp.Stdio;

/// <summary>What to start: everything is resolved, nothing is inherited.</summary>
/// <param name="Path">Absolute path of the executable.</param>
/// <param name="Arguments">The argument vector, the program's own name first.</param>
/// <param name="Environment">The whole environment.</param>
/// <param name="Cwd">Working directory, or null for ours.</param>
/// <param name="SharesError">Whether the child writes to our own stderr; else it is a pipe that the owner reads.</param>
internal sealed record ChildStart(
    string Path, IReadOnlyList<string> Arguments, IReadOnlyDictionary<string, string> Environment, string? Cwd, bool SharesError = false);

/// <summary>A child could not be started; the message says why and what helps.</summary>
internal sealed class ChildStartException(string message, Exception? inner = null) : Exception(message, inner);
