using System.Diagnostics;
using Oktsec.Tests.StdioProxy;
using Oktsec.Tests.Support;

namespace Oktsec.Tests.Clients;

/// <summary>A home of the test's own, and the real executable in it as its user types it.</summary>
internal sealed class OktsecHome : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5); // a hang must end as a failure

    // Where clients and we look for files; the machine's own must not be seen.
    private static readonly string[] s_variables = ["XDG_CONFIG_HOME", "CODEX_HOME", "CLAUDE_CONFIG_DIR", "COPILOT_HOME", "OKTSEC_CONFIG"];

    public TempFolder Folder { get; } = new();

    public string this[string path] => Folder[path];

    public string Config => this[".oktsec/config.yaml"];

    public string DbPath => this[".oktsec/oktsec.db"];

    /// <summary>Writes a file below home, for its owner alone.</summary>
    public string Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(this[path])!);
        File.WriteAllText(this[path], text);
        File.SetUnixFileMode(this[path], UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return this[path];
    }

    public string Read(string path) => File.ReadAllText(this[path]);

    public async Task<(int Exit, string Output, string Error)> RunAsync(params string[] arguments)
    {
        using var process = Start(arguments);
        process.StandardInput.Close();
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await EndAsync(process);
        return (process.ExitCode, await output, await error);
    }

    /// <summary><c>oktsec run</c> until its banner is complete; then what is to be done while it runs; then SIGTERM.</summary>
    public async Task<(int Exit, string Output, string Error)> RunGatewayAsync(string[] arguments, Func<string, Task>? meanwhile = null)
    {
        using var process = Start(["run", .. arguments]);
        process.StandardInput.Close();
        var error = process.StandardError.ReadToEndAsync();
        var output = "";
        while (await process.StandardOutput.ReadLineAsync().WaitAsync(s_patience) is { } line)
        {
            output += line + "\n";
            if (!line.StartsWith("  undo ", StringComparison.Ordinal) || !output.Contains("  gateway ", StringComparison.Ordinal))
                continue;
            try
            {
                if (meanwhile is not null)
                    await meanwhile(output);
            }
            finally
            {
                using var kill = Process.Start("kill", ["-TERM", $"{process.Id}"]);
                await kill.WaitForExitAsync().WaitAsync(s_patience);
            }
            break;
        }
        output += await process.StandardOutput.ReadToEndAsync().WaitAsync(s_patience);
        await EndAsync(process);
        return (process.ExitCode, output, await error);
    }

    public Process Start(IEnumerable<string> arguments) => Process.Start(At(ProxyProcess.Executable(Folder, arguments)))!;

    /// <summary>Any program as a client of this home starts it.</summary>
    public ProcessStartInfo At(ProcessStartInfo start)
    {
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        start.WorkingDirectory = Folder.Path;
        start.Environment["HOME"] = Folder.Path;
        foreach (var variable in s_variables)
            start.Environment.Remove(variable);
        return start;
    }

    public void Dispose() => Folder.Dispose();

    private static async Task EndAsync(Process process)
    {
        try
        {
            await process.WaitForExitAsync().WaitAsync(s_patience);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }
}
