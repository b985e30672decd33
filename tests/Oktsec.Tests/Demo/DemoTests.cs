using System.Diagnostics;
using Oktsec.Demo;
using Oktsec.Tests.Peers;
using Oktsec.Tests.Support;

namespace Oktsec.Tests.Demo;

public sealed class DemoTests
{
    [Fact]
    public async Task Demo_Run_PlaysEveryScenePrintsTheLogAndLeavesNothing()
    {
        using var folder = new TemporaryFolder();

        var (exitCode, output, errors) = await RunAsync(folder.Path);

        Assert.True(exitCode == 0, output + errors);
        Assert.Equal("", errors);
        foreach (var (i, scene) in DemoScenes.All.Index())
            Assert.Contains($"{i + 1}. {scene.Title}\n", output);
        Assert.Contains("PI-001 prompt_injection (critical)", output);
        Assert.Contains("IAP-007", output);
        Assert.Contains("ID        FROM", output);
        Assert.DoesNotContain('\e', output); // not a terminal: no colours
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void Scenes_AreTheSevenThatArePromised() =>
        Assert.Equal(
            ["allow", "tool_not_allowed", "content_blocked", "content_blocked", "content_blocked", "content_blocked", "rate_limited"],
            DemoScenes.All.Select(s => s.Decision));

    private static async Task<(int ExitCode, string Output, string Errors)> RunAsync(string temporary)
    {
        var start = new ProcessStartInfo(OktsecProgram.Path, ["demo"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["TMPDIR"] = temporary },
        };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output, await errors);
    }
}
