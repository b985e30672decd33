using System.Net.Sockets;
using Oktsec.Core.Configuration;

namespace Oktsec.Configuration;

/// <summary>Whether the servers of a configuration are there: programs that exist, addresses that answer. Starts nothing and sends nothing.</summary>
internal static class BackendReach
{
    // A TCP handshake across the world takes 0.3 s; a name server's retry one second.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(3);

    /// <summary>Warnings, in the order of the file.</summary>
    public static async Task<IReadOnlyList<ConfigProblem>> CheckAsync(ConfigLoadResult loaded, TimeProvider time, CancellationToken cancel)
    {
        var entries = loaded.Top!.Items("mcp_servers");
        var found = await Task.WhenAll(loaded.Config!.McpServers.Select(backend => CheckAsync(backend, time, cancel)));
        return [.. entries.Zip(found).Where(pair => pair.Second is not null).Select(pair => new ConfigProblem
        {
            Kind = ProblemKind.Warning,
            File = loaded.Config.SourcePath,
            Line = pair.First.Mark.Line,
            Column = pair.First.Mark.Column,
            Path = pair.First.Path.ToString(),
            Message = pair.Second!.Value.Problem,
            Remedy = pair.Second.Value.Remedy,
        })];
    }

    private static async Task<(string Problem, string Remedy)?> CheckAsync(BackendConfig backend, TimeProvider time, CancellationToken cancel) =>
        backend.Transport == "stdio" ? CheckProgram(backend) : await CheckAddressAsync(new Uri(backend.Url), time, cancel);

    private static (string Problem, string Remedy)? CheckProgram(BackendConfig backend)
    {
        if (!Directory.Exists(backend.Cwd))
            return ($"the folder {backend.Cwd} does not exist", "create it or correct cwd");
        var folders = backend.Command.Contains('/', StringComparison.Ordinal)
            ? [backend.Cwd]
            : (backend.Env.GetValueOrDefault("PATH") ?? Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return folders.Any(folder => IsProgram(Path.GetFullPath(backend.Command, Path.GetFullPath(folder, backend.Cwd))))
            ? null
            : ($"{backend.Command} is not a program on this machine", "install it, or write its full path");
    }

    private static bool IsProgram(string path)
    {
        if (OperatingSystem.IsWindows())
            return File.Exists(path) || File.Exists(path + ".exe") || File.Exists(path + ".cmd");
        const UnixFileMode execute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        return File.Exists(path) && (File.GetUnixFileMode(path) & execute) != 0;
    }

    private static async Task<(string Problem, string Remedy)?> CheckAddressAsync(Uri url, TimeProvider time, CancellationToken cancel)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        using var patience = new CancellationTokenSource(s_patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancel);
        try
        {
            await socket.ConnectAsync(url.IdnHost, url.Port, either.Token);
            return null;
        }
        catch (SocketException e)
        {
            return ($"{url.Host}:{url.Port} cannot be reached: {e.Message}", "start it, or correct url");
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return ($"{url.Host}:{url.Port} does not answer within {s_patience.TotalSeconds} s", "start it, or correct url");
        }
    }
}
