using Oktsec.Core.Audit;
using Oktsec.Storage.Sqlite;

namespace Oktsec.Tests.Storage;

/// <summary>An acknowledged record is there, whatever happened to the process or the disk after it.</summary>
public sealed class DurabilityTests : IAsyncDisposable
{
    private const int Rounds = 200;

    // A few seconds of the 8 writers' work at most: a round ends somewhere between the start and there.
    private const int MaxToldPerRound = 1500;

    private readonly StoreFixture fixture = new();
    private long checkedUpTo;

    public ValueTask DisposeAsync() => fixture.DisposeAsync();

    [Fact(Timeout = 10 * 60 * 1000)]
    [Trait("Category", "Slow")]
    public async Task Kill_AtAnyPoint_LosesNoAcknowledgedRecord()
    {
        var cancel = TestContext.Current.CancellationToken;
        var random = new Random(20261120);
        var told = 0;
        for (var round = 0; round < Rounds; round++)
        {
            using var writer = new WriterProcess("write", fixture.Path);
            // The square: half of the rounds end within the first quarter, where opening and the first checkpoint are.
            await writer.ListenAsync((int)(MaxToldPerRound * Math.Pow(random.NextDouble(), 2)), cancel);
            await fixture.AppendAsync(fixture.Entry(target: "written_by_the_test")); // another process writes to the same store all the while
            await writer.KillAsync(cancel);

            Assert.DoesNotContain(writer.Told, t => t.Kind == 'x');
            AssertAllThere(writer.Told);
            told += writer.Told.Count;
        }
        Assert.True(told > 100 * Rounds, $"the writers were killed before they wrote: {told}");
        AssertSound(fixture.Path);
        Assert.Equal(Rounds, fixture.Store.Query(new AuditQuery { Agent = "data-analyst", Tool = "written_by_the_test", Limit = int.MaxValue }).Count);
    }

    [Fact(Timeout = 60 * 1000)]
    public async Task FullDisk_RefusesWhatItCannotWriteAndRecovers()
    {
        var cancel = TestContext.Current.CancellationToken;
        using var writer = new WriterProcess("limit", fixture.Path);
        Assert.Equal(0, await writer.ExitCodeAsync(cancel)); // 1: did not recover

        Assert.InRange(writer.Told.Count(t => t.Kind == 'x'), 60, 100); // three times full, 20 refusals or a few more each
        Assert.True(writer.Told.Count(t => t.Kind == 'e') > 100);
        AssertAllThere(writer.Told);
        AssertSound(fixture.Path);
    }

    private static void AssertSound(string path)
    {
        using var database = Database.Open(path, fullDurability: false);
        var check = database.Statement("PRAGMA integrity_check");
        Assert.True(check.Step());
        Assert.Equal("ok", check.Text(0));
        check.Reset();
        // One log of entries and outcomes without a gap.
        Assert.Equal(1, database.Scalar("SELECT count(*) = max(seq) AND min(seq) = 1 FROM (SELECT seq FROM entries UNION ALL SELECT seq FROM outcomes)"));
    }

    private void AssertAllThere(List<(char Kind, string Id)> told)
    {
        using var database = Database.Open(fixture.Path, fullDurability: false);
        var entries = Ids(database, "SELECT id FROM entries WHERE seq > ?1");
        var outcomes = Ids(database, "SELECT e.id FROM outcomes o JOIN entries e ON e.seq = o.entry_seq WHERE o.seq > ?1");
        foreach (var (kind, id) in told.Where(t => t.Kind != 'x'))
            Assert.True((kind == 'e' ? entries : outcomes).Contains(id), $"{kind} {id} was acknowledged and is lost");
        checkedUpTo = fixture.Store.LastSequence();
    }

    // Of the records since the last time; what was checked then is there still, or the sequence at the end has a gap.
    private HashSet<string> Ids(Database database, string sql)
    {
        var ids = new HashSet<string>();
        var select = database.Statement(sql);
        select.Bind(1, checkedUpTo);
        while (select.Step())
            ids.Add(select.Text(0));
        select.Reset();
        return ids;
    }
}
