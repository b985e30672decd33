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
        var entry = database.Statement("SELECT 1 FROM entries WHERE id = ?1");
        var outcome = database.Statement("SELECT 1 FROM outcomes o JOIN entries e ON e.seq = o.entry_seq WHERE e.id = ?1");
        foreach (var (kind, id) in told.Where(t => t.Kind != 'x'))
        {
            var statement = kind == 'e' ? entry : outcome;
            statement.Bind(1, id);
            Assert.True(statement.Step(), $"{kind} {id} was acknowledged and is lost");
            statement.Reset();
        }
    }
}
