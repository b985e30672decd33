using Oktsec.Core.Audit;

namespace Oktsec.Tests.Storage;

public sealed class AuditQueriesTests : IAsyncDisposable
{
    private readonly StoreFixture fixture = new();

    public ValueTask DisposeAsync() => fixture.DisposeAsync();

    [Fact]
    public async Task Query_Filters_Combine()
    {
        await fixture.AppendAsync(fixture.Entry(agent: "a", target: "read_file"));
        await fixture.AppendAsync(fixture.Entry(agent: "a", target: "write_file", status: AuditStatus.Blocked));
        fixture.Time.Advance(TimeSpan.FromMinutes(10));
        var since = fixture.Time.GetUtcNow();
        await fixture.AppendAsync(fixture.Entry(agent: "b", target: "read_file"));
        await fixture.AppendAsync(fixture.Entry(agent: "a", target: "") with { Method = "tools/list" });
        var late = await fixture.AppendAsync(fixture.Entry(agent: "b", target: "read[1]?", awaits: true));
        await fixture.Store.AppendAsync(fixture.Outcome(late, AuditStatus.Quarantined), CancellationToken.None);

        Assert.Equal([5, 4, 3, 2, 1], Sequences(new()));
        Assert.Equal([4, 2, 1], Sequences(new() { Agent = "a" }));
        Assert.Equal([5, 3], Sequences(new() { Agent = "b", Since = since }));
        Assert.Equal([2], Sequences(new() { Status = "blocked" }));
        Assert.Equal([5], Sequences(new() { Status = "quarantined" }));
        Assert.Equal([2, 1], Sequences(new() { Tool = "*_file", Agent = "a" }));
        Assert.Equal([4], Sequences(new() { Tool = "tools/list" }));
        Assert.Equal([5], Sequences(new() { Tool = "read[1]?" }));
        Assert.Empty(Sequences(new() { Tool = "read_fil?" }));
        Assert.Equal([5, 4], Sequences(new() { Limit = 2 }));
    }

    [Fact]
    public async Task Query_Since_FindsEveryEntryWhateverTheClockDid()
    {
        var start = fixture.Time.GetUtcNow();
        int[] minutes = [0, 30, 61, 59, 200, 10, 62, 180];
        foreach (var minute in minutes)
            await fixture.AppendAsync(fixture.Entry() with { Time = start.AddMinutes(minute) });
        await using var other = fixture.OpenAgain(); // another process notes hours too
        await other.AppendAsync(fixture.Entry() with { Time = start.AddMinutes(300) }, CancellationToken.None);

        foreach (var since in (int[])[-500, 0, 31, 60, 61, 150, 299, 300])
            Assert.Equal(minutes.Append(300).Count(m => m >= since), Sequences(new() { Since = start.AddMinutes(since) }).Count());
        Assert.Empty(Sequences(new() { Since = start.AddMinutes(301) }));
        Assert.Empty(Sequences(new() { Since = start.AddDays(1) }));
    }

    [Fact]
    public async Task Query_Pages_MeetWithoutGapOrRepeat()
    {
        for (var i = 0; i < 7; i++)
            await fixture.AppendAsync(fixture.Entry());
        var seen = new List<long>();
        for (long? before = null; ;)
        {
            var page = fixture.Store.Query(new AuditQuery { Limit = 3, BeforeSequence = before });
            if (page.Count == 0)
                break;
            seen.AddRange(page.Select(r => r.Sequence));
            before = page[^1].Sequence;
            await fixture.AppendAsync(fixture.Entry()); // newer rows do not shift the pages
        }
        Assert.Equal([7, 6, 5, 4, 3, 2, 1], seen);
    }

    [Fact]
    public async Task Query_Following_ShowsACallWhenItIsComplete()
    {
        var slow = await fixture.AppendAsync(fixture.Entry(awaits: true)); // 1
        await fixture.AppendAsync(fixture.Entry(status: AuditStatus.Blocked)); // 2
        var fast = await fixture.AppendAsync(fixture.Entry(awaits: true)); // 3
        await fixture.Store.AppendAsync(fixture.Outcome(fast), CancellationToken.None); // 4

        var first = fixture.Store.Query(new AuditQuery { AfterSequence = 0 });
        Assert.Equal([2, 4], first.Select(r => r.CompletedSequence));

        await fixture.Store.AppendAsync(fixture.Outcome(slow), CancellationToken.None); // 5
        var row = Assert.Single(fixture.Store.Query(new AuditQuery { AfterSequence = 4 }));
        Assert.Equal((slow.Id, 1, 5), (row.Entry.Id, row.Sequence, row.CompletedSequence));
        Assert.Equal([2], fixture.Store.Query(new AuditQuery { AfterSequence = 0, Limit = 1 }).Select(r => r.CompletedSequence));
    }

    private IEnumerable<long> Sequences(AuditQuery query) => fixture.Store.Query(query).Select(r => r.Sequence);
}
