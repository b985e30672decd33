using System.Text;
using Oktsec.Mcp.Http;

namespace Oktsec.Mcp.Tests.Http;

/// <summary>What waits for a slow client: bounded, and what may be left out is left out first.</summary>
public sealed class BacklogTests
{
    private readonly Backlog _backlog = new();

    [Fact]
    public void Droppable_BeyondTheBound_PushesOutTheOldest()
    {
        for (var i = 0; i < 10_000; i++)
            Assert.True(_backlog.TryAdd(Message($"log {i}"), isDroppable: true));
        var left = TakeAll();
        Assert.Equal(256, left.Length);
        Assert.Equal(("log 9744", "log 9999", 9744), (left[0], left[^1], _backlog.Dropped));
    }

    [Fact]
    public void Question_AmongLogMessages_IsNeverPushedOut()
    {
        for (var i = 0; i < 1000; i++)
        {
            Assert.True(_backlog.TryAdd(Message($"question {i}"), isDroppable: false));
            _backlog.TryAdd(Message($"log {i}"), isDroppable: true);
        }
        Assert.Equal(Enumerable.Range(0, 1000).Select(i => $"question {i}"), TakeAll().Where(m => m[0] == 'q'));
    }

    [Fact]
    public void Questions_WithoutEnd_AreRefusedAndSaidToBe()
    {
        var taken = Enumerable.Range(0, 5000).Count(i => _backlog.TryAdd(Message($"question {i}"), isDroppable: false));
        Assert.Equal((1024, 5000 - 1024), (taken, _backlog.Dropped));
    }

    [Theory]
    [InlineData(true, 1024 * 1024)]
    [InlineData(false, 64 * 1024 * 1024)]
    public void Bytes_AreBounded(bool isDroppable, long most)
    {
        var large = new byte[700_000];
        for (var i = 0; i < 300; i++)
        {
            BitConverter.TryWriteBytes(large, i);
            _backlog.TryAdd(large.ToArray(), isDroppable);
            Assert.InRange(_backlog.Bytes, 0, most);
        }
        while (_backlog.TryTake(out _))
        {
        }
        Assert.Equal(0, _backlog.Bytes);
    }

    [Fact]
    public void Message_OfAnySize_FitsWhereNothingWaits() => Assert.True(_backlog.TryAdd(new byte[32 * 1024 * 1024], isDroppable: true));

    [Fact]
    public void Change_ToldAgainWhileItWaits_IsToldOnce()
    {
        for (var i = 0; i < 5000; i++)
            Assert.True(_backlog.TryAdd(Message("list changed"), isDroppable: false));
        Assert.True(_backlog.TryAdd(Message("another list changed"), isDroppable: false));
        Assert.Equal(257, TakeAll().Length);
    }

    private string[] TakeAll()
    {
        var all = new List<string>();
        while (_backlog.TryTake(out var message))
            all.Add(Encoding.UTF8.GetString(message.Span));
        return [.. all];
    }

    private static byte[] Message(string text) => Encoding.UTF8.GetBytes(text);
}
