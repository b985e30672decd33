using System.Diagnostics;
using Oktsec.Tests.Support;

namespace Oktsec.Tests.StdioProxy;

/// <summary>A home that does not exist and cannot be made: what enforces denies and says where and why, what observes goes on and says so.</summary>
public sealed class HomelessTests
{
    private const string Home = "/proc/none"; // nobody can make anything there, root neither

    private const string Event = """{"hook_event_name":"PreToolUse","tool_name":"Bash","tool_input":{"command":"ls"},"session_id":"s"}""";

    private const string Line = """{"jsonrpc":"2.0","id":1,"method":"tools/list"}""";

    [Fact]
    public async Task Proxy_Enforcing_StartsNoServerAndNamesPlaceAndRemedy()
    {
        using var folder = new TempFolder();

        var (code, output, error) = await RunAsync(folder, Line, "proxy", "--agent", "a", "--enforce", "--", "touch", folder["started"]);

        Assert.Equal((2, ""), (code, output));
        Assert.Contains($"the store {Home}/.oktsec/oktsec.db cannot be opened: ", error);
        Assert.Contains("set db_path to a file in a folder that can be written, or HOME to one", error);
        Assert.False(File.Exists(folder["started"]));
    }

    [Fact]
    public async Task Proxy_Observing_ForwardsAndWarns()
    {
        using var folder = new TempFolder();

        var (code, output, error) = await RunAsync(folder, Line, "proxy", "--agent", "a", "--", "cat");

        Assert.Equal((0, Line + "\n"), (code, output));
        Assert.Contains($"NOTHING IS CHECKED OR RECORDED, messages pass as they are: the store {Home}/.oktsec/oktsec.db cannot be opened: ", error);
    }

    [Theory]
    [InlineData("--enforce", 2)]
    [InlineData("", 0)]
    public async Task Hook_DeniesWhereDenialsCount(string option, int expected)
    {
        using var folder = new TempFolder();

        var (code, output, error) = await RunAsync(folder, Event, option.Length > 0 ? ["hook", option] : ["hook"]);

        Assert.Equal((expected, expected == 0), (code, output.Length == 0));
        Assert.Contains($"{Home}/.oktsec/oktsec.db", error);
        Assert.Contains("set db_path", error);
    }

    /// <summary>A file as stdout goes on where the program before ended, and the program after goes on where we ended.</summary>
    [Theory]
    [InlineData(">")]
    [InlineData(">>")]
    public async Task Output_IntoAFileOfOthers_WritesOverNothing(string into)
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder["in"], $"{Line}\n{Line}\n");
        var oktsec = ProxyProcess.Executable(folder, []).FileName;

        var start = new ProcessStartInfo("sh", ["-c", $"{{ echo before; '{oktsec}' proxy --agent a -- cat; echo after; }} < {folder["in"]} {into} {folder["out"]}"]);
        start.Environment["HOME"] = folder.Path;
        using var process = Process.Start(start)!;
        await process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(60));

        Assert.Equal($"before\n{Line}\n{Line}\nafter\n", File.ReadAllText(folder["out"]));
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(TempFolder folder, string input, params string[] arguments)
    {
        var start = ProxyProcess.Executable(folder, arguments);
        start.Environment["HOME"] = Home;
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.StandardInput.WriteAsync(input + "\n");
        process.StandardInput.Close();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(60));
        return (process.ExitCode, await output, await error);
    }
}
