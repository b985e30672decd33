using System.CommandLine;
using System.Text.Json;
using Oktsec.Commands;
using Oktsec.Core.Audit;
using Oktsec.Tests.Storage;
using Oktsec.Tests.Support;

namespace Oktsec.Tests.Commands;

public sealed class LogsCommandTests : IAsyncDisposable
{
    private readonly StoreFixture fixture = new();

    public ValueTask DisposeAsync() => fixture.DisposeAsync();

    [Fact]
    public async Task Logs_SampleOfTheAnnouncement_PrintsItsLines()
    {
        await AppendAsync("i9j0k1l2ffffffff", "list_dir", AuditStatus.Delivered, "allow", 2000);
        await AppendAsync("e5f6g7h8ffffffff", "read_file", AuditStatus.Blocked, "content_blocked", 7000);
        await AppendAsync("a1b2c3d4ffffffff", "read_file", AuditStatus.Delivered, "allow", 3000);
        await fixture.AppendAsync(fixture.Entry(agent: "admin-agent"));

        var (exitCode, output, error) = await RunAsync("--agent", "data-analyst", "--limit", "5");

        Assert.Equal(
            """
            ID        FROM            TO                  STATUS     DECISION         LATENCY
            a1b2c3d4  data-analyst    gateway/read_file   delivered  allow            3ms
            e5f6g7h8  data-analyst    gateway/read_file   blocked    content_blocked  7ms
            i9j0k1l2  data-analyst    gateway/list_dir    delivered  allow            2ms

            """,
            output);
        Assert.Equal((0, ""), (exitCode, error));
    }

    [Fact]
    public async Task Logs_LongerValues_WidenTheirColumn()
    {
        await AppendAsync("1111111100000000", "a_tool_with_a_longer_name", AuditStatus.Quarantined, "would_block:tool_not_allowed", 999);
        await fixture.AppendAsync(fixture.Entry(target: "", awaits: true) with { Id = "2222222200000000", Door = "proxy", Method = "tools/list", PipelineMicroseconds = 1500 });
        var (_, output, _) = await RunAsync();
        Assert.Equal(
            """
            ID        FROM            TO                                 STATUS       DECISION                      LATENCY
            22222222  data-analyst    proxy/tools/list                   delivered    outcome_unknown               2ms
            11111111  data-analyst    gateway/a_tool_with_a_longer_name  quarantined  would_block:tool_not_allowed  <1ms

            """,
            output);
    }

    [Fact]
    public async Task Logs_HostileNames_CannotDriveTheTerminal()
    {
        await fixture.AppendAsync(fixture.Entry(agent: "a\u001b[2J\u009b31m", target: "x\r\nb1b2b3b4  root\u202e\u200b\ud83d"));
        foreach (var args in (string[][])[[], ["--wide"], ["--json"]])
        {
            var (_, output, _) = await RunAsync(args);
            Assert.DoesNotContain(output, c => (char.IsControl(c) && c != '\n') || c is '\u202e' or '\u200b');
            Assert.Equal(args is ["--json"] ? 1 : 2, output.Count(c => c == '\n'));
        }
        Assert.Contains(@"gateway/x\r\nb1b2b3b4  root\u202e\u200b", (await RunAsync()).Output);
    }

    [Fact]
    public async Task Logs_Json_HasEverything()
    {
        var entry = await fixture.AppendAsync(fixture.Entry(awaits: true) with { Findings = [StoreFixture.Finding()], Session = "5e55" });
        await fixture.Store.AppendAsync(fixture.Outcome(entry) with { Decision = "content_flagged", Detail = "late" }, CancellationToken.None);
        var (_, output, _) = await RunAsync("--json");
        using var json = JsonDocument.Parse(output);
        var row = json.RootElement;
        Assert.Equal(entry.Id, row.GetProperty("id").GetString());
        Assert.Equal("2026-11-20T12:00:00.000Z", row.GetProperty("time").GetString());
        Assert.Equal("gateway/read_file", row.GetProperty("to").GetString());
        Assert.Equal("content_flagged", row.GetProperty("decision").GetString());
        Assert.Equal(180, row.GetProperty("pipeline_us").GetInt32());
        Assert.Equal(2500, row.GetProperty("backend_us").GetInt32());
        Assert.Equal("late", row.GetProperty("detail").GetString());
        Assert.Equal("PI-001", row.GetProperty("findings")[0].GetProperty("rule").GetString());
        Assert.Equal(0, row.GetProperty("result_findings").GetArrayLength());
    }

    [Fact]
    public async Task Logs_Wide_AddsTimeBackendAndRules()
    {
        await fixture.AppendAsync(fixture.Entry() with { Id = "a1b2c3d4ffffffff", Backend = "filesystem", Findings = [StoreFixture.Finding(), StoreFixture.Finding()] });
        var (_, output, _) = await RunAsync("--wide");
        Assert.Equal(
            """
            TIME                      ID        FROM            TO                  STATUS     DECISION         LATENCY  BACKEND     RULES
            2026-11-20T12:00:00.000Z  a1b2c3d4  data-analyst    gateway/read_file   delivered  allow            <1ms     filesystem  PI-001

            """,
            output);
    }

    [Theory]
    [InlineData("--since", "soon")]
    [InlineData("--since", "10x")]
    [InlineData("--status", "denied")]
    [InlineData("--limit", "0")]
    public async Task Logs_WrongOption_SaysWhatToWrite(string option, string value)
    {
        var (exitCode, _, error) = await RunAsync(option, value);
        Assert.NotEqual(0, exitCode);
        Assert.Contains(value, error);
    }

    [Fact]
    public async Task Logs_NoStoreYet_SaysSo()
    {
        var (exitCode, output, error) = await CommandRun.RunAsync(LogsCommand.Create(), "--db", fixture.Path + ".none");
        Assert.Equal((1, ""), (exitCode, output));
        Assert.Contains($"there is no store at {fixture.Path}.none yet", error);
        Assert.False(File.Exists(fixture.Path + ".none"));
    }

    [Fact]
    public async Task Logs_ConfigWithAVariableThatOnlyTheGatewayHas_FindsTheStore()
    {
        await fixture.AppendAsync(fixture.Entry() with { Id = "a1b2c3d4ffffffff" });
        var config = Path.Combine(Path.GetDirectoryName(fixture.Path)!, "gateway.yaml");
        await File.WriteAllTextAsync(config, "db_path: ./oktsec.db\nwebhooks:\n  - name: alerts\n    url: ${OKTSEC_TEST_VARIABLE_NOBODY_SETS}\n");
        var (exitCode, output, error) = await CommandRun.RunAsync(LogsCommand.Create(), "--config", config);
        Assert.Equal((0, ""), (exitCode, error));
        Assert.Contains("a1b2c3d4", output);

        await File.WriteAllTextAsync(config, "db_path: ${OKTSEC_TEST_VARIABLE_NOBODY_SETS}\n");
        (exitCode, _, error) = await CommandRun.RunAsync(LogsCommand.Create(), "--config", config);
        Assert.Equal(2, exitCode);
        Assert.Contains("OKTSEC_TEST_VARIABLE_NOBODY_SETS", error);
    }

    [Fact(Timeout = 30_000)]
    public async Task Logs_Live_PrintsEachCallWhenItIsCompleteUntilStopped()
    {
        await fixture.AppendAsync(fixture.Entry(target: "first"));
        var slow = await fixture.AppendAsync(fixture.Entry(target: "slow", awaits: true));
        await fixture.AppendAsync(fixture.Entry(target: "second"));
        var output = new LineWriter();
        using var stop = new CancellationTokenSource();
        var run = LogsCommand.Create(fixture.Time).Parse(["--db", fixture.Path, "--live"])
            .InvokeAsync(new InvocationConfiguration { Output = output }, stop.Token);

        Assert.StartsWith("ID  ", await output.NextLineAsync());
        Assert.Contains("gateway/first", await output.NextLineAsync());
        Assert.Contains("gateway/second", await output.NextLineAsync());

        await fixture.AppendAsync(fixture.Entry(target: "third"));
        Assert.Contains("gateway/third", await NextAsync(output));
        await fixture.Store.AppendAsync(fixture.Outcome(slow), CancellationToken.None);
        Assert.Contains("gateway/slow", await NextAsync(output));

        await stop.CancelAsync();
        Assert.Equal(0, await run);
    }

    private async Task<string> NextAsync(LineWriter output)
    {
        var next = output.NextLineAsync();
        while (!next.IsCompleted)
        {
            fixture.Time.Advance(TimeSpan.FromMilliseconds(250));
            await Task.Yield();
        }
        return await next;
    }

    private Task AppendAsync(string id, string target, AuditStatus status, string decision, long pipelineUs) => fixture.AppendAsync(
        fixture.Entry(target: target, status: status) with { Id = id, Decision = decision, PipelineMicroseconds = pipelineUs });

    private Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] args) =>
        CommandRun.RunAsync(LogsCommand.Create(fixture.Time), ["--db", fixture.Path, .. args]);
}
