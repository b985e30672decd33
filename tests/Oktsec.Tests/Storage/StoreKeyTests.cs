using System.Security.Cryptography;
using System.Text;
using Oktsec.Storage;
using Oktsec.Tests.Support;

namespace Oktsec.Tests.Storage;

public sealed class StoreKeyTests : IDisposable
{
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Hash_IsHmacUnderADerivedKey()
    {
        var secret = RandomNumberGenerator.GetBytes(32);
        var derived = HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, 32, info: Encoding.ASCII.GetBytes("oktsec argument hash v1"));
        Assert.Equal(Convert.ToHexStringLower(HMACSHA256.HashData(derived, "{}"u8)), new StoreKey(secret).Hash("{}"u8));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(100_000)]
    public void Open_SealedContent_ReturnsIt(int length)
    {
        var key = StoreKey.Load(folder["a.db"]);
        var content = RandomNumberGenerator.GetBytes(length);
        var sealedContent = key.Seal(content, "q-1", "id", "agent");
        Assert.Equal(content, StoreKey.Load(folder["a.db"]).Open(sealedContent, "q-1", "id", "agent"));
        Assert.NotEqual(sealedContent, key.Seal(content, "q-1", "id", "agent"));
    }

    [Fact]
    public void Open_OtherItemOrKeyOrByte_Fails()
    {
        var key = StoreKey.Load(folder["a.db"]);
        var content = key.Seal("held"u8, "q-1", "id", "agent");
        Assert.Throws<StoreException>(() => key.Open(content, "q-2", "id", "agent"));
        Assert.Throws<StoreException>(() => key.Open(content, "q-1", "i", "dagent"));
        Assert.Throws<StoreException>(() => new StoreKey(new byte[32]).Open(content, "q-1", "id", "agent"));
        Assert.Throws<StoreException>(() => key.Open(content.AsSpan(0, 27), "q-1", "id", "agent"));
        for (var i = 0; i < content.Length; i++)
        {
            content[i] ^= 1;
            Assert.Throws<StoreException>(() => key.Open(content, "q-1", "id", "agent"));
            content[i] ^= 1;
        }
    }

    [Fact]
    public async Task Load_FromManyAtOnce_IsOneKey()
    {
        for (var round = 0; round < 50; round++)
        {
            var database = folder[$"{round}/a.db"];
            using var together = new Barrier(16);
            var hashes = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Factory.StartNew(
                () =>
                {
                    together.SignalAndWait();
                    return StoreKey.Load(database).Hash("x"u8);
                },
                CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
            Assert.Single(hashes.Distinct());
            Assert.Equal(["oktsec.key"], Directory.GetFiles(Path.GetDirectoryName(database)!).Select(Path.GetFileName));
        }
    }

    [Fact]
    public void Load_ShortFile_IsRefused()
    {
        File.WriteAllText(folder["oktsec.key"], "short");
        Assert.Contains("5 bytes instead of 32", Assert.Throws<StoreException>(() => StoreKey.Load(folder["a.db"])).Message);
    }
}
