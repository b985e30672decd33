using System.Text;
using Oktsec.Mcp.Stdio;
using Oktsec.Mcp.Tests.Backends;

namespace Oktsec.Mcp.Tests.Stdio;

/// <summary>The child of macOS and Windows, as far as Linux can show it.</summary>
public sealed class ManagedChildTests
{
    private static readonly TimeSpan s_soon = TimeSpan.FromMilliseconds(300);

    [Fact]
    public async Task Child_StdinClosed_EndsByItself()
    {
        var child = ManagedChild.Start(new ChildStart("/bin/cat", ["cat"], new Dictionary<string, string>(), "/"));

        await child.Input.WriteAsync("hello"u8.ToArray());
        await child.Input.FlushAsync();
        var buffer = new byte[5];
        await child.Output.ReadExactlyAsync(buffer);

        Assert.Equal("hello", Encoding.UTF8.GetString(buffer));
        Assert.Equal(new ChildExit(0, null), await child.StopAsync(Task.CompletedTask, Waits.Long, TimeProvider.System));
    }

    [Fact]
    public async Task Child_IgnoresEverything_IsKilledWithItsTree()
    {
        var child = ManagedChild.Start(new ChildStart(
            "/bin/sh", ["sh", "-c", "trap '' TERM; sleep 1000 & echo $!; while :; do wait; done"], new Dictionary<string, string> { ["PATH"] = "/usr/bin:/bin" }, "/"));
        using var reader = new StreamReader(child.Output);
        var grandchild = int.Parse((await reader.ReadLineAsync())!);

        await child.StopAsync(Task.CompletedTask, s_soon, TimeProvider.System);

        await Eventually.TrueAsync(() => !ProcessTable.IsRunning(grandchild) && !ProcessTable.IsRunning(child.Pid));
    }
}
