using System.Text;
using System.Text.Json;
using Oktsec.Commands;
using Oktsec.Core.Quarantine;
using Oktsec.Tests.Storage;

namespace Oktsec.Tests.Commands;

public sealed class QuarantineCommandTests : IAsyncDisposable
{
    private readonly StoreFixture fixture = new();

    public ValueTask DisposeAsync() => fixture.DisposeAsync();

    [Fact]
    public async Task List_ShowsPendingItems_AllShowsExpiredToo()
    {
        await HoldAsync("q-00000001", "old"u8.ToArray());
        fixture.Time.Advance(TimeSpan.FromHours(23));
        await HoldAsync("q-00000002", "new"u8.ToArray());
        fixture.Time.Advance(TimeSpan.FromHours(1));

        Assert.Equal(
            """
            ID          AGENT           TARGET              WHAT     STATE     EXPIRES                   RULES
            q-00000002  data-analyst    read_file           request  pending   2026-11-22T11:00:00.000Z  PI-001

            """,
            (await RunAsync("list")).Output);
        Assert.Contains("q-00000001  data-analyst    read_file           request  expired ", (await RunAsync("list", "--all")).Output);
    }

    [Theory]
    [InlineData("q-1a2b3c4d")]
    [InlineData("1a2b")]
    public async Task Show_ByIdOrPrefix_OpensTheContentEscaped(string id)
    {
        await HoldAsync("q-1a2b3c4d", Encoding.UTF8.GetBytes("{\n\t\"path\": \"/etc/\u001b[2Jshadow\u202e\"\r}"));
        var (exitCode, output, error) = await RunAsync("show", id);
        Assert.Equal(
            """
            id         q-1a2b3c4d
            state      pending
            agent      data-analyst
            target     read_file
            backend    filesystem
            what       request
            held       2026-11-20T12:00:00.000Z
            expires    2026-11-21T12:00:00.000Z
            record     0123456789abcdef
            finding    PI-001 prompt_injection (critical) at $.items[2].text: ignore previous instructions
            content    33 bytes

            """ + "\n{\n\t\"path\": \"/etc/\\x1b[2Jshadow\\u202e\"\\r}\n",
            output);
        Assert.Equal((0, ""), (exitCode, error));
    }

    [Fact]
    public async Task Show_Json_CarriesTextOrBase64()
    {
        await HoldAsync("q-00000001", "«text»"u8.ToArray());
        await HoldAsync("q-00000002", [0xff, 0x00]);
        using var text = JsonDocument.Parse((await RunAsync("show", "q-00000001", "--json")).Output);
        using var bytes = JsonDocument.Parse((await RunAsync("show", "q-00000002", "--json")).Output);
        Assert.Equal("«text»", text.RootElement.GetProperty("content").GetString());
        Assert.Equal([0xff, 0x00], bytes.RootElement.GetProperty("content_base64").GetBytesFromBase64());
    }

    [Fact]
    public async Task Show_UnknownOrAmbiguous_Fails()
    {
        await HoldAsync("q-00000001", "a"u8.ToArray());
        await HoldAsync("q-00000002", "b"u8.ToArray());
        foreach (var id in (string[])["q-0000000", "q-9"])
        {
            var (exitCode, output, error) = await RunAsync("show", id);
            Assert.Equal((1, ""), (exitCode, output));
            Assert.Contains($"no single item begins with {id}", error);
        }
    }

    private Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] args) =>
        CommandRun.RunAsync(QuarantineCommand.Create(fixture.Time), [.. args, "--db", fixture.Path]);

    private async Task HoldAsync(string id, byte[] content) => await fixture.Store.HoldAsync(
        new HeldItem
        {
            Id = id,
            Time = fixture.Time.GetUtcNow(),
            Expires = fixture.Time.GetUtcNow().AddHours(24),
            AuditId = "0123456789abcdef",
            Agent = "data-analyst",
            Backend = "filesystem",
            Target = "read_file",
            What = "request",
            ArgumentsHash = "",
            Findings = [StoreFixture.Finding()],
        },
        content,
        long.MaxValue,
        CancellationToken.None);
}
