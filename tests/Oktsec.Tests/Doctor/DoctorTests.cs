using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Oktsec.Commands;
using Oktsec.Doctor;
using Oktsec.Doctor.Checks;
using Oktsec.Identity;
using Oktsec.Storage.Sqlite;
using Oktsec.Tests.Commands;
using Oktsec.Tests.Gateway;
using Oktsec.Tests.Support;

namespace Oktsec.Tests.Doctor;

/// <summary>Each check, with something wrong and without.</summary>
public sealed class DoctorTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly ManualTime _time = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Config_WithAnError_IsAProblemWithPlaceAndRemedy()
    {
        var line = Assert.Single(await LookAsync(new ConfigCheck(), "gatway: {}"));
        Assert.Equal(HealthLevel.Problem, line.Level);
        Assert.Contains("oktsec.yaml:1:1", line.Text);
        Assert.Equal("did you mean gateway?", line.Remedy);
    }

    [Fact]
    public async Task Config_ThatProtectsNothingYet_IsSaid() =>
        Assert.Contains(await LookAsync(new ConfigCheck(), "tls: {}"), l => l.Level == HealthLevel.Warning && l.Text.EndsWith("protect nothing yet: tls"));

    [Fact]
    public async Task Store_IsReachableWritableAndDescribed()
    {
        await using (await StoreAsync())
        {
            var lines = await LookAsync(new StoreCheck(), "");
            Assert.All(lines, l => Assert.Equal(HealthLevel.Fine, l.Level));
            Assert.Equal($"{_folder["o.db"]}, can be written", lines[0].Text);
            Assert.Matches(@"^1 records, the oldest of 2026-11-20, \d+ KiB$", lines[1].Text);
            Assert.Matches($@"^schema version {Schema.Version}, SQLite 3\.\d+\.\d+ \((system|shipped)\)$", lines[2].Text);
        }
    }

    [Fact]
    public async Task Store_ThatIsNone_IsAProblem()
    {
        await File.WriteAllTextAsync(_folder["o.db"], "this is no database, and long enough to be read as the header of one: 0123456789 0123456789 0123456789", TestContext.Current.CancellationToken);
        File.SetUnixFileMode(_folder["o.db"], UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Assert.Equal(HealthLevel.Problem, Assert.Single(await LookAsync(new StoreCheck(), "")).Level);
    }

    [Fact]
    public async Task Store_ThatIsNotThereYet_IsNotMade()
    {
        Assert.Equal(HealthLevel.Fine, Assert.Single(await LookAsync(new StoreCheck(), "")).Level);
        Assert.False(File.Exists(_folder["o.db"]));
    }

    [Theory]
    [InlineData("o.db", UnixFileMode.OtherWrite, HealthLevel.Problem, "chmod go-w")]
    [InlineData("o.db", UnixFileMode.GroupRead, HealthLevel.Warning, "chmod 600")]
    [InlineData("oktsec.key", UnixFileMode.OtherRead, HealthLevel.Warning, "chmod 600")]
    public async Task Permissions_OpenToOthers_AreSaid(string file, UnixFileMode more, object level, string remedy)
    {
        await (await StoreAsync()).DisposeAsync();
        Assert.Equal(HealthLevel.Fine, Assert.Single(await LookAsync(new PermissionsCheck(), "")).Level);
        File.SetUnixFileMode(_folder[file], UnixFileMode.UserRead | UnixFileMode.UserWrite | more);
        var line = Assert.Single(await LookAsync(new PermissionsCheck(), ""));
        Assert.Equal(level, line.Level);
        Assert.Equal($"{remedy} {_folder[file]}", line.Remedy);
    }

    [Theory]
    [InlineData(50L << 20, HealthLevel.Problem)]
    [InlineData(500L << 20, HealthLevel.Warning)]
    [InlineData(5L << 30, HealthLevel.Fine)]
    public void Disk_IsJudgedByWhatIsFree(long free, object level) => Assert.Equal(level, DiskCheck.Judge(free, "/").Level);

    [Fact]
    public async Task Disk_OfAFolderThatIsNotThereYet_IsThatOfTheNextOneUp() =>
        Assert.NotEmpty(await new DiskCheck().LookAsync(Installation.Find(Config("db_path: a/b/c.db"), _time), TestContext.Current.CancellationToken));

    [Fact]
    public async Task Rules_OfOnesOwnThatDoNotLoad_AreAProblem()
    {
        Assert.Matches(@"^\d{3} built in$", Assert.Single(await LookAsync(new RulesCheck(), "")).Text);
        Directory.CreateDirectory(_folder["rules"]);
        await File.WriteAllTextAsync(_folder["rules/mine.yaml"], "id: [", TestContext.Current.CancellationToken);
        var at = Installation.Find(Config(""), _time);
        var lines = await new RulesCheck().LookAsync(at with { Config = at.Config! with { CustomRulesDir = _folder["rules"] } }, TestContext.Current.CancellationToken);
        Assert.Contains(lines, l => l.Level == HealthLevel.Problem && l.Text.Contains("mine.yaml"));
    }

    [Fact]
    public async Task Gateway_ThatRuns_Answers()
    {
        await using var gateway = await TestGateway.StartAsync("");
        var line = Assert.Single(await LookAsync(new GatewayCheck(), $"gateway: {{ port: {gateway.Url.Port} }}"));
        Assert.Equal((HealthLevel.Fine, true), (line.Level, line.Text.StartsWith($"answers on port {gateway.Url.Port}, version ")));
    }

    [Fact]
    public async Task Gateway_ThatDoesNotRun_IsSaid()
    {
        using var bound = new Socket(SocketType.Stream, ProtocolType.Tcp); // bound, not listening: nobody answers, and nobody else can
        bound.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var line = Assert.Single(await LookAsync(new GatewayCheck(), $"gateway: {{ port: {((IPEndPoint)bound.LocalEndPoint!).Port} }}"));
        Assert.Equal((HealthLevel.Warning, "oktsec run starts it"), (line.Level, line.Remedy));
    }

    [Fact]
    public async Task Gateway_PortOfSomethingElse_IsAProblem()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var answer = AnswerAsync(other);
        var line = Assert.Single(await LookAsync(new GatewayCheck(), $"gateway: {{ port: {((IPEndPoint)other.LocalEndpoint).Port} }}"));
        Assert.Equal((HealthLevel.Problem, true), (line.Level, line.Text.Contains("not oktsec")));
        await answer;
    }

    [Fact]
    public async Task Tokens_ThatEndSoon_AreSaidUnlessAnotherLasts()
    {
        await using (var store = await StoreAsync())
        {
            await TokenDesk.IssueAsync(store, "eve", _time.GetUtcNow().AddDays(5), _time);
            await TokenDesk.IssueAsync(store, "ann", _time.GetUtcNow().AddDays(5), _time);
            await TokenDesk.IssueAsync(store, "ann", null, _time);
        }
        var lines = await LookAsync(new TokensCheck(), "");
        Assert.Equal("4 active", lines[0].Text);
        Assert.Matches("^[0-9a-f]{8} of eve expires on 2026-11-25$", Assert.Single(lines.Skip(1)).Text);
        _time.Advance(TimeSpan.FromDays(5));
        Assert.EndsWith("of eve has expired", Assert.Single((await LookAsync(new TokensCheck(), "")).Skip(1)).Text);
    }

    [Fact]
    public async Task Names_WithoutAToken_AreSaidWhileTheyReachSomething()
    {
        await (await StoreAsync()).DisposeAsync(); // bob has a token
        const string agents = "agents: { bob: {}, eve: {} }\n";
        Assert.Equal(HealthLevel.Fine, Assert.Single(await LookAsync(new NamesCheck(), agents)).Level);
        var line = Assert.Single(await LookAsync(new NamesCheck(), agents + "mcp_servers: { a: { command: x } }"));
        Assert.Equal((HealthLevel.Warning, "oktsec tokens create eve"), (line.Level, line.Remedy));
        Assert.EndsWith("not proven: eve", line.Text);
        Assert.Equal(HealthLevel.Fine, Assert.Single(await LookAsync(new NamesCheck(), agents + "mcp_servers: { a: { command: x } }\ngateway: { require_auth: true }")).Level);
    }

    [Fact]
    public async Task Doctor_FailsForAProblemAndSaysItInJsonToo()
    {
        var (exit, output, _) = await CommandRun.RunAsync(DoctorCommand.Create(), "--config", Config("gatway: {}"));
        Assert.Equal(ExitCodes.Failure, exit);
        Assert.Contains("FAIL   config      ", output);
        Assert.Contains("-> did you mean gateway?", output);
        (exit, output, _) = await CommandRun.RunAsync(DoctorCommand.CreateStatus(), "--config", Config("gatway: {}"), "--json");
        using var json = JsonDocument.Parse(output);
        Assert.Equal((ExitCodes.Failure, "FAIL"), (exit, json.RootElement.GetProperty("status").GetString()));
        Assert.Contains(json.RootElement.GetProperty("checks").EnumerateArray(), c => c.GetProperty("check").GetString() == "config" && c.GetProperty("remedy").GetString() == "did you mean gateway?");
    }

    [Fact]
    public async Task Check_ThatFailsItself_IsAProblemAndTheOthersGoOn()
    {
        var reports = await Examination.RunAsync(Installation.Find(Config(""), _time), [new Broken(), new RulesCheck()], TestContext.Current.CancellationToken);
        Assert.Equal([HealthLevel.Problem, HealthLevel.Fine], reports.Select(r => r.Worst));
    }

    private ValueTask<IReadOnlyList<HealthLine>> LookAsync(IHealthCheck check, string yaml) =>
        check.LookAsync(Installation.Find(Config(yaml), _time), TestContext.Current.CancellationToken);

    private string Config(string yaml)
    {
        File.WriteAllText(_folder["oktsec.yaml"], yaml.Contains("db_path") ? yaml : $"{yaml}\ndb_path: o.db\n");
        return _folder["oktsec.yaml"];
    }

    private async Task<SqliteStore> StoreAsync()
    {
        var store = SqliteStore.Open(_folder["o.db"], fullDurability: false, _time, NullLogger.Instance);
        await TokenDesk.IssueAsync(store, "bob", null, _time);
        return store;
    }

    private static async Task AnswerAsync(TcpListener listener)
    {
        using var client = await listener.AcceptTcpClientAsync();
        await using var stream = client.GetStream();
        await stream.ReadAtLeastAsync(new byte[4096], 1);
        await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi"u8.ToArray());
    }

    private sealed class Broken : IHealthCheck
    {
        public string Name => "broken";

        public ValueTask<IReadOnlyList<HealthLine>> LookAsync(Installation at, CancellationToken cancel) => throw new IOException("gone");
    }
}
