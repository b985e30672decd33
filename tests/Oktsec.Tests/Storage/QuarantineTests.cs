using System.Text;
using Oktsec.Core.Audit;
using Oktsec.Core.Quarantine;
using Oktsec.Storage;
using Oktsec.Storage.Sqlite;

namespace Oktsec.Tests.Storage;

public sealed class QuarantineTests : IAsyncDisposable
{
    private readonly StoreFixture fixture = new();

    public ValueTask DisposeAsync() => fixture.DisposeAsync();

    [Fact]
    public async Task Find_FullIdOrUniquePrefix_OpensTheContent()
    {
        var item = Item("q-1a2b3c4d");
        await fixture.Store.HoldAsync(item, Encoding.UTF8.GetBytes("the held words"), long.MaxValue, CancellationToken.None);
        await fixture.Store.HoldAsync(Item("q-1a2b0000"), "other"u8.ToArray(), long.MaxValue, CancellationToken.None);

        foreach (var id in (string[])["q-1a2b3c4d", "q-1a2b3"])
        {
            var found = fixture.Store.Find(id);
            Assert.NotNull(found);
            Assert.Equivalent(item, found.Value.Item, strict: true);
            Assert.Equal("the held words", Encoding.UTF8.GetString(found.Value.Content));
        }
        Assert.Null(fixture.Store.Find("q-1a2b"));
        Assert.Null(fixture.Store.Find("q-9"));
        Assert.Null(fixture.Store.Find("q-%"));
    }

    [Fact]
    public async Task List_AfterExpiry_LeavesTheItemOut()
    {
        await fixture.Store.HoldAsync(Item("q-00000001"), "x"u8.ToArray(), long.MaxValue, CancellationToken.None);
        Assert.Equal("pending", Assert.Single(fixture.Store.List(includeExpired: false)).State);
        fixture.Time.Advance(TimeSpan.FromHours(24));
        Assert.Empty(fixture.Store.List(includeExpired: false));
        Assert.Equal("expired", Assert.Single(fixture.Store.List(includeExpired: true)).State);
    }

    [Fact]
    public async Task Hold_NoRoom_IsRefusedUntilSomethingExpires()
    {
        const long Room = 10_000;
        var content = new byte[4_000];
        Assert.True(await fixture.Store.HoldAsync(Item("q-00000001"), content, Room, CancellationToken.None));
        Assert.True(await fixture.Store.HoldAsync(Item("q-00000002"), content, Room, CancellationToken.None));
        Assert.False(await fixture.Store.HoldAsync(Item("q-00000003"), content, Room, CancellationToken.None));
        Assert.Equal(2, fixture.Store.List(includeExpired: true).Count);

        fixture.Time.Advance(TimeSpan.FromHours(24));
        Assert.True(await fixture.Store.HoldAsync(Item("q-00000004"), content, Room, CancellationToken.None));
        Assert.Equal("q-00000004", Assert.Single(fixture.Store.List(includeExpired: true)).Id);
        Assert.False(await fixture.Store.HoldAsync(Item("q-00000005"), new byte[Room], Room, CancellationToken.None)); // larger than all of it
        Assert.Single(fixture.Store.List(includeExpired: true)); // and nothing went for its sake
    }

    [Fact]
    public async Task Hold_ManySmallItems_FillTheRoomToo()
    {
        var held = 0;
        while (held < 100 && await fixture.Store.HoldAsync(Item($"q-{held:x8}"), "x"u8.ToArray(), 10_000, CancellationToken.None))
            held++;
        Assert.InRange(held, 5, 19); // an empty row would fill 10,000 bytes with hundreds
    }

    [Fact]
    public async Task Hold_SameIdTwice_IsRefused()
    {
        await fixture.Store.HoldAsync(Item("q-00000001"), "x"u8.ToArray(), long.MaxValue, CancellationToken.None);
        await Assert.ThrowsAsync<AuditUnavailableException>(
            async () => await fixture.Store.HoldAsync(Item("q-00000001"), "y"u8.ToArray(), long.MaxValue, CancellationToken.None));
    }

    [Fact]
    public async Task Hold_ContentIsNowhereInTheFile()
    {
        const string Secret = "a-phrase-that-must-not-be-found";
        await fixture.Store.HoldAsync(Item("q-00000001"), Encoding.UTF8.GetBytes(Secret), long.MaxValue, CancellationToken.None);
        await fixture.Store.DisposeAsync();
        foreach (var file in Directory.GetFiles(Path.GetDirectoryName(fixture.Path)!))
            Assert.DoesNotContain(Secret, Encoding.Latin1.GetString(await File.ReadAllBytesAsync(file)));
    }

    [Fact]
    public async Task Find_RowsExchangedInTheFile_DoesNotOpen()
    {
        await fixture.Store.HoldAsync(Item("q-00000001"), "one"u8.ToArray(), long.MaxValue, CancellationToken.None);
        await fixture.Store.HoldAsync(Item("q-00000002"), "two"u8.ToArray(), long.MaxValue, CancellationToken.None);
        using (var database = Database.Open(fixture.Path, fullDurability: false))
            database.Execute("UPDATE held SET sealed = (SELECT sealed FROM held WHERE id = 'q-00000002') WHERE id = 'q-00000001'");
        Assert.Throws<StoreException>(() => fixture.Store.Find("q-00000001"));
    }

    private HeldItem Item(string id) => new()
    {
        Id = id,
        Time = fixture.Time.GetUtcNow(),
        Expires = fixture.Time.GetUtcNow().AddHours(24),
        AuditId = "0123456789abcdef",
        Agent = "data-analyst",
        Backend = "filesystem",
        Target = "read_file",
        What = "request",
        ArgumentsHash = "abcd",
        Findings = [StoreFixture.Finding()],
    };
}
