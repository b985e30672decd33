using Microsoft.Extensions.Logging.Abstractions;
using Oktsec.Core.Audit;
using Oktsec.Storage;
using Oktsec.Storage.Sqlite;
using Oktsec.Tests.Support;

namespace Oktsec.Tests.Storage;

public sealed class SqliteStoreTests : IAsyncDisposable
{
    private readonly StoreFixture fixture = new();

    public ValueTask DisposeAsync() => fixture.DisposeAsync();

    [Fact]
    public async Task Append_EveryField_ReadsBack()
    {
        var entry = fixture.Entry(awaits: true) with
        {
            Door = "proxy",
            IdentifiedBy = "token",
            Session = "0123456789abcdef",
            Backend = "filesystem",
            Direction = "server",
            Decision = "would_block:tool_not_allowed",
            Findings = [StoreFixture.Finding(), StoreFixture.Finding("zweiter «Fund» 🦊")],
            ArgumentsHash = "ab12",
            PipelineMicroseconds = 1234,
            HeldId = "q-1a2b3c4d",
            Detail = "limit 100 per 60 s",
        };
        await fixture.Store.AppendAsync(entry, CancellationToken.None);
        var outcome = fixture.Outcome(entry) with
        {
            Decision = "content_redacted",
            Findings = [StoreFixture.Finding()],
            HeldId = "q-00000001",
            Detail = "two secrets",
        };
        await fixture.Store.AppendAsync(outcome, CancellationToken.None);

        var row = Assert.Single(fixture.Store.Query(new AuditQuery()));
        Assert.Equivalent(entry, row.Entry, strict: true);
        Assert.Equivalent(outcome, row.Outcome, strict: true);
        Assert.Equal("content_redacted", row.Decision);
    }

    [Fact]
    public async Task Query_ForwardedWithoutOutcome_IsOutcomeUnknown()
    {
        await fixture.AppendAsync(fixture.Entry(awaits: true));
        var row = Assert.Single(fixture.Store.Query(new AuditQuery()));
        Assert.Equal(("outcome_unknown", AuditStatus.Delivered), (row.Decision, row.Status));
    }

    [Fact]
    public async Task Append_RefusedRow_IsRefusedAloneAndLeavesNoGap()
    {
        var first = await fixture.AppendAsync(fixture.Entry(awaits: true));
        await Assert.ThrowsAsync<AuditUnavailableException>(
            async () => await fixture.Store.AppendAsync(fixture.Outcome(first) with { Id = "0000000000000000" }, CancellationToken.None));
        await fixture.AppendAsync(fixture.Entry());
        Assert.Equal([2, 1], fixture.Store.Query(new AuditQuery()).Select(r => r.Sequence));
    }

    [Theory]
    [InlineData(255)] // the last that is found by reading on
    [InlineData(256)] // the first that is in the index
    [InlineData(600)]
    public async Task Append_OutcomeManyRecordsLater_IsFoundAndRefusedTwice(int between)
    {
        var entry = await fixture.AppendAsync(fixture.Entry(awaits: true));
        var never = await fixture.AppendAsync(fixture.Entry(awaits: true));
        await Task.WhenAll(Enumerable.Range(0, between - 1).Select(_ => fixture.AppendAsync(fixture.Entry())));
        await fixture.Store.AppendAsync(fixture.Outcome(entry, AuditStatus.Quarantined), CancellationToken.None);
        await Assert.ThrowsAsync<AuditUnavailableException>(async () => await fixture.Store.AppendAsync(fixture.Outcome(entry), CancellationToken.None));
        await Task.WhenAll(Enumerable.Range(0, 300).Select(_ => fixture.AppendAsync(fixture.Entry())));
        await Assert.ThrowsAsync<AuditUnavailableException>(async () => await fixture.Store.AppendAsync(fixture.Outcome(entry), CancellationToken.None));

        var row = Assert.Single(fixture.Store.Query(new AuditQuery { Status = "quarantined" }));
        Assert.Equal((entry.Id, 1, between + 2), (row.Entry.Id, row.Sequence, row.CompletedSequence));
        Assert.Equal(never.Id, Assert.Single(fixture.Store.Query(new AuditQuery { Limit = int.MaxValue }), r => !r.IsComplete).Entry.Id);
        Assert.Equal(between - 1 + 300 + 2, fixture.Store.Query(new AuditQuery { Limit = int.MaxValue }).Count);
    }

    [Fact]
    public async Task Append_OutcomeAfterTheFileWasReplaced_IsNotPutToAnotherCall()
    {
        var lost = await fixture.AppendAsync(fixture.Entry(awaits: true));
        foreach (var file in Directory.GetFiles(Path.GetDirectoryName(fixture.Path)!, "oktsec.db*"))
            File.Delete(file);
        var entry = await fixture.AppendAsync(fixture.Entry(awaits: true));
        Assert.Equal(lost.Sequence, entry.Sequence);
        await Assert.ThrowsAsync<AuditUnavailableException>(async () => await fixture.Store.AppendAsync(fixture.Outcome(lost), CancellationToken.None));
        Assert.Null(Assert.Single(fixture.Store.Query(new AuditQuery())).Outcome);
    }

    [Fact]
    public async Task Append_OutcomeWithoutEntryOrTwice_IsRefused()
    {
        var entry = fixture.Entry(awaits: true);
        await Assert.ThrowsAsync<AuditUnavailableException>(async () => await fixture.Store.AppendAsync(fixture.Outcome(entry), CancellationToken.None));
        await fixture.AppendAsync(entry);
        await fixture.Store.AppendAsync(fixture.Outcome(entry), CancellationToken.None);
        await Assert.ThrowsAsync<AuditUnavailableException>(
            async () => await fixture.Store.AppendAsync(fixture.Outcome(entry, AuditStatus.Blocked), CancellationToken.None));
        Assert.Equal(AuditStatus.Delivered, Assert.Single(fixture.Store.Query(new AuditQuery())).Status);
    }

    [Theory]
    [InlineData("UPDATE entries SET agent = 'nobody'")]
    [InlineData("DELETE FROM entries")]
    [InlineData("INSERT OR REPLACE INTO entries SELECT * FROM entries")]
    [InlineData("UPDATE outcomes SET decision = 'allow'")]
    [InlineData("DELETE FROM outcomes")]
    [InlineData("REPLACE INTO outcomes SELECT * FROM outcomes")]
    public async Task Records_AreFinal(string sql)
    {
        var entry = await fixture.AppendAsync(fixture.Entry(awaits: true));
        await fixture.Store.AppendAsync(fixture.Outcome(entry), CancellationToken.None);
        using var database = Database.Open(fixture.Path, fullDurability: false);
        var failure = Assert.Throws<SqliteException>(() => database.Execute(sql));
        Assert.Contains("append-only", failure.Message);
    }

    [Fact]
    public async Task Append_FromManyCallersAndStores_IsOneLogWithoutGap()
    {
        await using var other = fixture.OpenAgain();
        await Task.WhenAll(Enumerable.Range(0, 16).Select(n => Task.Run(async () =>
        {
            var store = n % 2 == 0 ? fixture.Store : other;
            for (var i = 0; i < 50; i++)
            {
                var entry = fixture.Entry(awaits: true);
                await store.AppendAsync(entry, CancellationToken.None);
                await store.AppendAsync(fixture.Outcome(entry), CancellationToken.None);
            }
        })));
        var rows = fixture.Store.Query(new AuditQuery { Limit = 10_000 });
        Assert.Equal(800, rows.Count);
        Assert.Equal(Enumerable.Range(1, 1600).Select(n => (long)n), rows.SelectMany(r => new[] { r.Sequence, r.CompletedSequence }).Order());
    }

    [Fact]
    public async Task Append_AfterClose_IsRefused()
    {
        await fixture.Store.DisposeAsync();
        await Assert.ThrowsAsync<AuditUnavailableException>(async () => await fixture.AppendAsync(fixture.Entry()));
    }

    [Fact]
    public async Task Append_WhileAnotherProcessHoldsTheLock_WaitsAndSucceeds()
    {
        using var other = Database.Open(fixture.Path, fullDurability: false);
        other.Execute("BEGIN IMMEDIATE");
        var append = Task.Run(() => fixture.AppendAsync(fixture.Entry()));
        Assert.Empty(fixture.Store.Query(new AuditQuery()));
        other.Execute("COMMIT");
        await append;
        Assert.Single(fixture.Store.Query(new AuditQuery()));
    }

    [Fact]
    public async Task Append_FileReplacedWhileOpen_GoesToTheNewFile()
    {
        await fixture.AppendAsync(fixture.Entry());
        foreach (var file in Directory.GetFiles(Path.GetDirectoryName(fixture.Path)!, "oktsec.db*"))
            File.Delete(file);
        var entry = await fixture.AppendAsync(fixture.Entry());
        Assert.Equal(entry.Id, Assert.Single(fixture.Store.Query(new AuditQuery())).Entry.Id);
        Assert.True(File.Exists(fixture.Path));
    }

    [Fact]
    public async Task Append_HugeOrBrokenText_IsCutAndKept()
    {
        var entry = fixture.Entry() with
        {
            Target = new string('x', 100_000),
            Detail = "half a pair: \ud83e",
            Agent = new string('ß', 2048),
            Findings = [.. Enumerable.Repeat(StoreFixture.Finding("\udd8a cut"), 5000)],
        };
        await fixture.Store.AppendAsync(entry, CancellationToken.None);
        var read = Assert.Single(fixture.Store.Query(new AuditQuery())).Entry;
        Assert.Equal(new string('x', 2047) + "…", read.Target);
        Assert.Equal("half a pair: \ufffd", read.Detail);
        Assert.Equal(entry.Agent, read.Agent);
        Assert.Equal(FindingsJson.MaxStored, read.Findings.Count);
        Assert.Equal("\ufffd cut", read.Findings[0].Match);
    }

    [Fact]
    public async Task Open_NewStore_BelongsToItsOwnerAlone()
    {
        using var folder = new TempFolder();
        var path = Path.Combine(folder["home"], "oktsec.db");
        await using var store = SqliteStore.Open(path, fullDurability: true, TimeProvider.System, NullLogger.Instance);
        await store.AppendAsync(fixture.Entry(), CancellationToken.None);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(folder["home"]));
        var files = Directory.GetFiles(folder["home"]).Order().Select(f => (Path.GetFileName(f), File.GetUnixFileMode(f)));
        Assert.Equal(["oktsec.db", "oktsec.db-shm", "oktsec.db-wal", "oktsec.key"], files.Select(f => f.Item1));
        Assert.All(files, f => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, f.Item2));
    }

    [Theory]
    [InlineData("oktsec.db")]
    [InlineData("oktsec.key")]
    public async Task Open_FileWritableByOthers_IsRefusedWithTheRemedy(string name)
    {
        await fixture.Store.DisposeAsync();
        var path = Path.Combine(Path.GetDirectoryName(fixture.Path)!, name);
        File.SetUnixFileMode(path, File.GetUnixFileMode(path) | UnixFileMode.OtherWrite);
        var failure = Assert.Throws<StoreException>(() => fixture.OpenAgain());
        Assert.Contains($"chmod go-w {path}", failure.Message);
    }

    [Fact]
    public async Task Open_NotADatabase_SaysSo()
    {
        await fixture.Store.DisposeAsync();
        await File.WriteAllTextAsync(fixture.Path, "these are not the bytes of a database, and there are enough of them to tell");
        Assert.Contains("not a database", Assert.Throws<StoreException>(() => fixture.OpenAgain()).Message);
    }

    [Fact]
    public async Task Catalogue_SavedTwice_KeepsTheLast()
    {
        await fixture.Store.SaveCatalogueAsync("fs", new byte[] { 1 }, CancellationToken.None);
        fixture.Time.Advance(TimeSpan.FromMinutes(1));
        await fixture.Store.SaveCatalogueAsync("fs", new byte[] { 2, 0, 3 }, CancellationToken.None);
        await fixture.Store.SaveCatalogueAsync("db", ReadOnlyMemory<byte>.Empty, CancellationToken.None);
        var saved = fixture.Store.LoadCatalogues();
        Assert.Equal(["db", "fs"], saved.Select(c => c.Backend));
        Assert.Equal([2, 0, 3], saved[1].Catalogue);
        Assert.Equal(fixture.Time.GetUtcNow(), saved[1].Time);
    }
}
