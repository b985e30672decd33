using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Oktsec.Commands;
using Oktsec.Core.Audit;
using Oktsec.Core.Identity;
using Oktsec.Storage.Sqlite;
using Oktsec.Tests.Support;

namespace Oktsec.Tests.Commands;

public sealed class TokensCommandTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly ManualTime _time = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Create_ShowsTheTokenOnceAndKeepsOnlyItsHash()
    {
        var (exit, output, error) = await RunAsync("create", "bob", "--expires", "90d");
        Assert.Equal((0, ""), (exit, error));
        var secret = output.Split('\n').Select(l => l.Trim()).Single(TokenSecret.IsOne);
        Assert.Equal(
            $"""
            A token for bob. It is shown now and never again:

              {secret}

              send     Authorization: Bearer okt_gw_...
              expires  2027-02-18T12:00:00Z
              end it   oktsec tokens revoke {TokenSecret.IdOf(secret)}

            """, output);
        Assert.All(Directory.GetFiles(_folder.Path), f => Assert.Equal(-1, File.ReadAllBytes(f).AsSpan().IndexOf(System.Text.Encoding.ASCII.GetBytes(secret[15..]))));
        Assert.All(Directory.GetFiles(_folder.Path), f => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(f)));
        Assert.Equal(
            $"""
            ID        AGENT           STATE    CREATED               EXPIRES               REVOKED
            {TokenSecret.IdOf(secret)}  bob             active   2026-11-20T12:00:00Z  2027-02-18T12:00:00Z  -

            """, (await RunAsync("list")).Output);
    }

    [Fact]
    public async Task Create_Json_IsOneObject()
    {
        using var made = JsonDocument.Parse((await RunAsync("create", "bob", "--json")).Output);
        var secret = made.RootElement.GetProperty("token").GetString()!;
        Assert.True(TokenSecret.IsOne(secret));
        Assert.Equal((TokenSecret.IdOf(secret), "bob", JsonValueKind.Null), (made.RootElement.GetProperty("id").GetString(), made.RootElement.GetProperty("agent").GetString(), made.RootElement.GetProperty("expires").ValueKind));
        using var listed = JsonDocument.Parse((await RunAsync("list", "--json")).Output);
        Assert.Equal("active", listed.RootElement.GetProperty("state").GetString());
        Assert.DoesNotContain(secret[15..], listed.RootElement.GetRawText());
    }

    [Fact]
    public async Task Revoke_EndsItForGood_ForgetStrikesIt()
    {
        var id = await CreateAsync();
        Assert.Equal((0, $"revoked {id} of bob\n", ""), await RunAsync("revoke", id));
        Assert.Equal((0, $"{id} of bob was revoked before\n", ""), await RunAsync("revoke", id));
        Assert.Contains("revoked", (await RunAsync("list")).Output);
        Assert.Equal((0, $"forgot {id} of bob\n", ""), await RunAsync("revoke", id, "--forget"));
        Assert.Equal((1, "", $"oktsec: no token has the id {id}; oktsec tokens list names them\n"), await RunAsync("revoke", id));
    }

    [Fact]
    public async Task Acts_AreRecorded()
    {
        var id = await CreateAsync();
        await RunAsync("revoke", id);
        await using var store = SqliteStore.Open(_folder["o.db"], fullDurability: false, _time, NullLogger.Instance);
        Assert.Equal(
            [("tokens/revoke", id, "bob", "cli"), ("tokens/create", id, "bob", "cli")],
            store.Query(new AuditQuery()).Select(r => (r.Entry.Method, r.Entry.Target, r.Entry.Agent, r.Entry.Door)));
    }

    [Theory]
    [InlineData("no name", "90d", "AGENT takes")]
    [InlineData("bob", "yesterday", "is no time to come")]
    [InlineData("bob", "2020-01-01", "is no time to come")]
    [InlineData("bob", "200y", "is no time to come")]
    [InlineData("bob", "0d", "is no time to come")]
    public async Task Create_Wrong_SaysWhatToWriteAndMakesNone(string agent, string expires, string error)
    {
        var run = await RunAsync("create", agent, "--expires", expires);
        Assert.Equal(ExitCodes.Usage, run.ExitCode);
        Assert.Contains(error, run.Error);
        Assert.DoesNotContain("okt_gw_", run.Output);
    }

    [Fact]
    public async Task List_WithoutAStore_SaysSoAndMakesNone()
    {
        Assert.Equal(ExitCodes.Failure, (await RunAsync("list")).ExitCode);
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    private async Task<string> CreateAsync()
    {
        using var made = JsonDocument.Parse((await RunAsync("create", "bob", "--json")).Output);
        return made.RootElement.GetProperty("id").GetString()!;
    }

    private Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] args) =>
        CommandRun.RunAsync(TokensCommand.Create(_time), [.. args, "--db", _folder["o.db"]]);
}
