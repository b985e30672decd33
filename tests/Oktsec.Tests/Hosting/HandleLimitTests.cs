using System.Diagnostics;
using System.Globalization;
using System.Text;
using Oktsec.Hosting.Transport;
using Oktsec.Tests.Gateway;
using Oktsec.Tests.Http;
using Oktsec.Tests.Support;

namespace Oktsec.Tests.Hosting;

/// <summary>A gateway that may open no more handles waits for one, at rest, and goes on when there is.</summary>
public sealed class HandleLimitTests
{
    private static readonly byte[] s_health = Encoding.ASCII.GetBytes("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");

    [Fact]
    public async Task Connections_BeyondTheHandlesOfTheProcess_WaitWithoutWork()
    {
        await using var gateway = await GatewayProcess.StartAsync("mcp_servers: {}\n");
        Assert.Contains("\"ok\"", (await RawHttp.ExchangeAsync(gateway.Port, s_health)).Body);
        const int more = HandleLimit.Spare + 8;
        var most = Handles(gateway) + more;
        using (var limit = Process.Start("prlimit", ["--pid", $"{gateway.ProcessId}", $"--nofile={most}:{most}"]))
            await limit.WaitForExitAsync();
        var connections = new List<RawHttp>();
        for (var i = 0; i < 3 * more; i++)
            connections.Add(await RawHttp.ConnectAsync(gateway.Port)); // the system takes them, the gateway does not
        await TestGateway.UntilAsync(() => Handles(gateway) >= most - HandleLimit.Spare - 1);

        Assert.True(await IsAtRestAsync(gateway), "it goes on using the processor");
        // What the process needs for itself is left.
        Assert.InRange(Handles(gateway), 1, most - HandleLimit.Spare + 8);

        var last = connections[^1];
        await last.SendAsync(s_health);
        connections.SkipLast(1).ToList().ForEach(c => c.Dispose());
        Assert.Contains("\"ok\"", (await last.ReceiveAsync()).Body);
        last.Dispose();
    }

    // Who tries again at once never rests: of a second he gets a whole core, or his share of one however busy the machine is. What the start left to be done ends.
    private static async Task<bool> IsAtRestAsync(GatewayProcess gateway)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromSeconds(1));
        for (var i = 0; i < 60; i++)
        {
            var before = CpuSeconds(gateway);
            await tick.WaitForNextTickAsync();
            if (CpuSeconds(gateway) - before <= 0.1)
                return true;
        }
        return false;
    }

    private static int Handles(GatewayProcess gateway) => Directory.GetFileSystemEntries($"/proc/{gateway.ProcessId}/fd").Length;

    private static double CpuSeconds(GatewayProcess gateway)
    {
        // proc(5): utime and stime are fields 14 and 15, in ticks of 10 ms; the name before them may hold anything but ends with the last parenthesis.
        var stat = File.ReadAllText($"/proc/{gateway.ProcessId}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) / 100.0;
    }
}
