using Oktsec.Core.Audit;
using Oktsec.Core.Identity;
using Oktsec.Storage;
using Oktsec.Storage.Sqlite;

namespace Oktsec.Tests.Storage;

/// <summary>Tokens that change in another connection or process count at once, although the table is asked only when somebody else has committed.</summary>
public sealed class TokenWatchTests : IAsyncDisposable
{
    private const int Ways = 6;

    private readonly StoreFixture fixture = new();
    private int nextToken;

    public ValueTask DisposeAsync() => fixture.DisposeAsync();

    [Fact]
    public async Task Changes_AfterAnyOrderOfCommits_AreThoseOfTheTable()
    {
        await using var other = fixture.OpenAgain();
        var random = new Random(20261129);
        long expected = fixture.Store.TokenChanges();
        for (var i = 0; i < 600; i++)
        {
            var way = random.Next(Ways);
            var store = way % 2 == 0 ? fixture.Store : other;
            if (way < 2)
                await store.AppendAsync(fixture.Entry(), CancellationToken.None);
            else if (way < 4 || i < 10)
                expected += await AddTokenAsync(store);
            else
                expected += await RevokeLastAsync(store);
            Assert.Equal(expected, (random.Next(2) == 0 ? fixture.Store : other).TokenChanges());
        }
        Assert.True(expected > 100);
    }

    [Fact]
    public async Task Changes_WhileRecordsAreWrittenEverywhere_AreSeenAtOnce()
    {
        await using var other = fixture.OpenAgain();
        using var process = new WriterProcess("write", fixture.Path);
        using var stop = new CancellationTokenSource();
        var recording = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
                await fixture.Store.AppendAsync(fixture.Entry(), CancellationToken.None);
        });
        await process.ListenAsync(1, CancellationToken.None);
        for (var i = 0; i < 200; i++)
        {
            var before = fixture.Store.TokenChanges();
            Assert.Equal(1, await AddTokenAsync(other));
            Assert.Equal(before + 1, fixture.Store.TokenChanges());
        }
        await process.KillAsync(CancellationToken.None);
        await stop.CancelAsync();
        await recording;
    }

    [Fact]
    public async Task OwnRecords_LeaveTheMarkWhereOthersMoveIt()
    {
        using var connection = StoreConnection.Open(fixture.Path, fullDurability: false);
        connection.Commit([]);
        Assert.Equal(connection.Database.Mark(), connection.LastCommit.After);

        var own = connection.Database.Mark();
        Assert.True(own.IsKnown);
        await fixture.AppendAsync(fixture.Entry());
        Assert.NotEqual(own, connection.Database.Mark());

        // A second commit of others in between is not taken for our own.
        var before = connection.Database.Mark();
        await fixture.AppendAsync(fixture.Entry());
        Assert.True(connection.Database.Mark().IsNextAfter(before, hasWritten: true));
        Assert.False(connection.Database.Mark().IsNextAfter(before, hasWritten: false));
        Assert.True(before.IsNextAfter(before, hasWritten: false));
        await fixture.AppendAsync(fixture.Entry());
        Assert.False(connection.Database.Mark().IsNextAfter(before, hasWritten: true));
    }

    [Fact]
    public async Task Commit_ThatWroteNothing_IsNotCounted()
    {
        var entry = await fixture.AppendAsync(fixture.Entry(awaits: true));
        await fixture.Store.AppendAsync(fixture.Outcome(entry), CancellationToken.None);
        using var connection = StoreConnection.Open(fixture.Path, fullDurability: false);
        var commits = connection.Database.Commits;
        var again = new OutcomeAgain(fixture.Outcome(entry));
        connection.Commit([again]);
        Assert.NotNull(again.Refusal);
        Assert.Equal(commits, connection.Database.Commits);
        Assert.Equal(connection.LastCommit.Before, connection.LastCommit.After);
    }

    [Fact]
    public void Watch_HoldsOnlyWhatFollows()
    {
        using var connection = StoreConnection.Open(fixture.Path, fullDurability: false);
        var mark = connection.Database.Mark();
        var watch = new TokenWatch();
        Assert.Null(watch.Changes(mark));
        watch.Counted(mark, 7);
        Assert.Equal(7, watch.Changes(mark));
        Assert.Null(watch.Changes(default));

        watch.Committed(default, mark); // from where nobody knows
        Assert.Equal(7, watch.Changes(mark));
        watch.Committed(mark, default); // others came right after it
        Assert.Null(watch.Changes(mark));
        Assert.Null(watch.Changes(default));

        watch.Counted(mark, 8);
        watch.Forget();
        Assert.Null(watch.Changes(mark));
    }

    private sealed class OutcomeAgain(AuditOutcome outcome) : Write<StoreConnection>
    {
        public override void Execute(StoreConnection connection) => connection.Audit.Append(outcome);
    }

    private async Task<int> AddTokenAsync(SqliteStore store)
    {
        var token = new AgentToken($"{nextToken++:d6}", "data-analyst", TokenHash.None, fixture.Time.GetUtcNow());
        return await store.AddTokenAsync(token, CancellationToken.None) ? 1 : 0;
    }

    private async Task<int> RevokeLastAsync(SqliteStore store) =>
        await store.RevokeTokenAsync($"{nextToken - 1:d6}", CancellationToken.None) ? 1 : 0;
}
